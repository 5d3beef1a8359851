/**
 * Discovery of instances of Google Compute Engine: the list of one project and zone, asked with the
 * credentials that Google's libraries would find. Start at {@link
 * io.narthex.discovery.gce.GceConfig}; what is asked and which labels come of it is {@code
 * GceInstances}', who asks is {@code GoogleAccess}'.
 */
@NullMarked
package io.narthex.discovery.gce;

import org.jspecify.annotations.NullMarked;
