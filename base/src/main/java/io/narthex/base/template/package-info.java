/**
 * Go's text/template: so far its syntax, which is checked with Go's messages. Running templates is
 * still to come and will begin at the same tokens. Start at {@link
 * io.narthex.base.template.TemplateSyntax}.
 */
@NullMarked
package io.narthex.base.template;

import org.jspecify.annotations.NullMarked;
