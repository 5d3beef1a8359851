/**
 * Discovery of systems managed by Uyuni, over its API in XML-RPC. Start at {@link
 * io.narthex.discovery.uyuni.UyuniConfig}; what is asked stands in {@link
 * io.narthex.discovery.uyuni.UyuniTargets}, how in {@link io.narthex.discovery.uyuni.XmlRpc}.
 */
@NullMarked
package io.narthex.discovery.uyuni;

import org.jspecify.annotations.NullMarked;
