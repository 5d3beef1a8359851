/**
 * Discovery of droplets or databases of DigitalOcean: so far its configuration alone, which is
 * read, checked and printed whole. Start at {@link
 * io.narthex.discovery.digitalocean.DigitalOceanConfig}.
 */
@NullMarked
package io.narthex.discovery.digitalocean;

import org.jspecify.annotations.NullMarked;
