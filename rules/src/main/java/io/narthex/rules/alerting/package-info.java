/**
 * Where alerts are sent to, as the configuration file says it. Start at {@link
 * io.narthex.rules.alerting.AlertingConfig}.
 */
@NullMarked
package io.narthex.rules.alerting;

import org.jspecify.annotations.NullMarked;
