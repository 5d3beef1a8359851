/**
 * Discovery of virtual machines of Azure: so far its configuration alone, which is read, checked
 * and printed whole. Start at {@link io.narthex.discovery.azure.AzureConfig}.
 */
@NullMarked
package io.narthex.discovery.azure;

import org.jspecify.annotations.NullMarked;
