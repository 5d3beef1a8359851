/**
 * Words for the user: the suggestion behind a misspelt name, and text quoted as Go quotes it. Start
 * at {@link io.narthex.base.text.DidYouMean}.
 */
@NullMarked
package io.narthex.base.text;

import org.jspecify.annotations.NullMarked;
