/**
 * Discovery of instances registered at Eureka: so far its configuration alone, which is read,
 * checked and printed whole. Start at {@link io.narthex.discovery.eureka.EurekaConfig}.
 */
@NullMarked
package io.narthex.discovery.eureka;

import org.jspecify.annotations.NullMarked;
