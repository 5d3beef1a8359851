/**
 * Command line flags in the grammar of kingpin, which all programs of this field use: {@code --flag
 * value}, {@code --flag=value}, {@code --no-flag}, repeated flags, {@code @file}. The table of
 * flags also makes the help, the shell completion, and the list that the status page shows. What a
 * flag means does not live here. Start at {@link io.narthex.base.flag.Flags}; programs that have
 * commands begin at {@link io.narthex.base.flag.Command}.
 */
@NullMarked
package io.narthex.base.flag;

import org.jspecify.annotations.NullMarked;
