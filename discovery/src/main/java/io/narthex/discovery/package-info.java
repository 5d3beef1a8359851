/**
 * Where things are: one interface that every discovery mechanism implements, and the manager that
 * runs them for all jobs and tells one listener what they found. Each mechanism has a package of
 * its own below this one; what is done with the targets (relabelling, scraping, sending alerts)
 * does not live here. Start at {@link io.narthex.discovery.Discovery}.
 */
@NullMarked
package io.narthex.discovery;

import org.jspecify.annotations.NullMarked;
