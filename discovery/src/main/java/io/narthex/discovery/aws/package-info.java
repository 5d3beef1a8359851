/**
 * Discovery of what Amazon's services run: a configuration for each service and one that names the
 * service by a role; for each service a class that asks and, where there is much to tell, one that
 * makes labels of the answers. How the services are spoken to is the package {@code api}'s. Start
 * at {@link io.narthex.discovery.aws.Ec2Config} and {@link io.narthex.discovery.aws.Ec2Instances}.
 */
@NullMarked
package io.narthex.discovery.aws;

import org.jspecify.annotations.NullMarked;
