/**
 * Discovery of resources known to PuppetDB: {@link io.narthex.discovery.puppetdb.Resources} asks,
 * {@link io.narthex.discovery.puppetdb.Parameters} makes labels of a resource's parameters. Start
 * at {@link io.narthex.discovery.puppetdb.PuppetDbConfig}.
 */
@NullMarked
package io.narthex.discovery.puppetdb;

import org.jspecify.annotations.NullMarked;
