/**
 * Fakes and proofs for the tests of every module: the clock that moves when told to, a storage in
 * memory, the acceptance suites of the interfaces, and the way to the conformance data.
 */
@NullMarked
package io.narthex.testkit;

import org.jspecify.annotations.NullMarked;
