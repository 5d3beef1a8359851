@org.jspecify.annotations.NullMarked
package io.narthex.tools.query;
