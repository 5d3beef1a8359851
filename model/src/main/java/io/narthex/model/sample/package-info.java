/**
 * What a sample is: a time in milliseconds and a 64-bit float, one bit pattern of which marks the
 * end of a series. Samples themselves never become objects: {@link
 * io.narthex.model.sample.SampleBuffer} holds runs of them.
 */
@NullMarked
package io.narthex.model.sample;

import org.jspecify.annotations.NullMarked;
