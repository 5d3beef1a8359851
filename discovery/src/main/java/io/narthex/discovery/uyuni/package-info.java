/**
 * Discovery of systems managed by Uyuni: so far its configuration alone, which is read, checked and
 * printed whole. Start at {@link io.narthex.discovery.uyuni.UyuniConfig}.
 */
@NullMarked
package io.narthex.discovery.uyuni;

import org.jspecify.annotations.NullMarked;
