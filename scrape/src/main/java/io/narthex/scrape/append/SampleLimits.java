package io.narthex.scrape.append;

/**
 * What breaks a page; 0 stands for any number or length.
 *
 * @param samples the most samples of a page behind relabelling
 * @param labels the most labels of a series
 * @param labelNameLength the longest label name in bytes
 * @param labelValueLength the longest label value in bytes
 */
public record SampleLimits(long samples, long labels, long labelNameLength, long labelValueLength) {

  public static final SampleLimits NONE = new SampleLimits(0, 0, 0, 0);
}
