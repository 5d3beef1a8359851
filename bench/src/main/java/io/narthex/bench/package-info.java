/** JMH benchmarks of the inside: one class per hot path, each named after what it measures. */
@NullMarked
package io.narthex.bench;

import org.jspecify.annotations.NullMarked;
