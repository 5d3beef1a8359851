/**
 * Discovery of instances that are registered at Eureka. The XML is read here, as far as it goes;
 * what is asked stands in {@link io.narthex.discovery.eureka.Applications}, which labels come of it
 * in {@link io.narthex.discovery.eureka.Instances}. Start at {@link
 * io.narthex.discovery.eureka.EurekaConfig}.
 */
@NullMarked
package io.narthex.discovery.eureka;

import org.jspecify.annotations.NullMarked;
