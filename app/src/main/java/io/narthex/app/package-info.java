/**
 * The one {@code main}: it picks the role by the first argument, or by the name that the program
 * was started under, and hands over the rest. Roles themselves live in their modules. Start at
 * {@link io.narthex.app.Narthex}.
 */
@NullMarked
package io.narthex.app;

import org.jspecify.annotations.NullMarked;
