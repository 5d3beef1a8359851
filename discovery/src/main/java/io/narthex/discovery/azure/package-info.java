/**
 * Discovery of virtual machines of Azure, those of scale sets included. Start at {@link
 * io.narthex.discovery.azure.AzureConfig}; then {@code AzureMachines}, which turns each {@code
 * Machine} and its {@code NetworkInterface} into a target. {@code ResourceManager} asks for them,
 * {@code AzureCloud} knows where it is and {@code AzureAccess} who asks.
 */
@NullMarked
package io.narthex.discovery.azure;

import org.jspecify.annotations.NullMarked;
