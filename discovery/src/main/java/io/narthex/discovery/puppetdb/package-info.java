/**
 * Discovery of resources known to PuppetDB: so far its configuration alone, which is read, checked
 * and printed whole. Start at {@link io.narthex.discovery.puppetdb.PuppetDbConfig}.
 */
@NullMarked
package io.narthex.discovery.puppetdb;

import org.jspecify.annotations.NullMarked;
