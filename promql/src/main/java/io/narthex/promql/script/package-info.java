/**
 * The field's test language for queries: scripts that load series, evaluate expressions and say
 * what is expected, exactly as upstream's promqltest reads them. Each evaluation is checked as
 * strictly as there, its re-evaluations included. Start at {@link
 * io.narthex.promql.script.ScriptRunner}; the storage under test comes in through {@link
 * io.narthex.promql.script.ScriptStorage}.
 */
@NullMarked
package io.narthex.promql.script;

import org.jspecify.annotations.NullMarked;
