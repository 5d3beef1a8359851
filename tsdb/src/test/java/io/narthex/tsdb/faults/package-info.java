/**
 * What becomes of a database when its disk, its files, its neighbours or its clock misbehave: a
 * class for each kind of fault, a test for each line of docs/faults.md. Start at {@link
 * io.narthex.tsdb.faults.FaultBed}.
 */
@NullMarked
package io.narthex.tsdb.faults;

import org.jspecify.annotations.NullMarked;
