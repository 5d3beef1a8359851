package io.narthex.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;

/**
 * The acceptance of a mechanism whose back end has one address for everybody: it is asked there, by
 * us and by Prometheus, through a proxy of the test that answers in its name.
 */
public abstract class VendorAcceptance extends StubAcceptance {

  private final String host;
  private final VendorStub vendor;

  /**
   * Prepares it.
   *
   * @param host the name of the back end's host
   */
  protected VendorAcceptance(String host) {
    this.host = host;
    this.vendor = new VendorStub(stub, host);
  }

  /**
   * The section.
   *
   * @param access how to get at the back end, for a flow map
   */
  protected abstract String vendorSection(String access);

  @Override
  protected final String section(String url) {
    return vendorSection(vendor.keys());
  }

  /** The section, asking the stub. */
  protected final String section() {
    return section(stub.url());
  }

  @AfterEach
  final void closeVendor() {
    assertThat(List.copyOf(vendor.asked())).allMatch(asked -> asked.equals(host + ":443"));
    vendor.close();
  }
}
