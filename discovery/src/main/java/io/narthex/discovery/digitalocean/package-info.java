/**
 * Discovery of droplets or databases of DigitalOcean: what it is asked, page after page, and the
 * labels that come of it. Start at {@link io.narthex.discovery.digitalocean.DigitalOceanConfig}.
 */
@NullMarked
package io.narthex.discovery.digitalocean;

import org.jspecify.annotations.NullMarked;
