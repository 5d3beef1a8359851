package io.narthex.base.lifecycle;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;

/**
 * What a role takes from the machine it runs on: tests put others in the place of these.
 *
 * @param clock the time of day, and sleeping
 * @param disk the files
 */
public record Machine(Clock clock, Disk disk) {

  /** The machine itself. */
  public static final Machine SYSTEM = new Machine(Clock.SYSTEM, Disk.SYSTEM);
}
