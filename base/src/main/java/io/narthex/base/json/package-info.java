/**
 * Writing JSON as the field's Go programs do, straight into bytes: {@link
 * io.narthex.base.json.JsonWriter}. Reading JSON is jackson-core's job and lives with whoever
 * reads.
 */
@NullMarked
package io.narthex.base.json;

import org.jspecify.annotations.NullMarked;
