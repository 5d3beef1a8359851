/**
 * Discovery of what Amazon's services run, one configuration for each service and one that names
 * the service by a role: so far the configurations alone, which are read, checked and printed
 * whole. How to gain access is common to all. Start at {@link io.narthex.discovery.aws.Ec2Config}.
 */
@NullMarked
package io.narthex.discovery.aws;

import org.jspecify.annotations.NullMarked;
