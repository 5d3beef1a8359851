package io.narthex.exporter.collector;

import java.io.IOException;

/** The names of the kernel, from uname(2). */
record UnameCollector() implements Collector {

  @Override
  public String name() {
    return "uname";
  }

  @Override
  public void collect(Page page) throws IOException {
    Kernel.Uname uname = Kernel.uname();
    page.gauge(
            "node_uname_info", "Labeled system information as provided by the uname system call.")
        .add(
            1,
            "domainname",
            uname.domainname(),
            "machine",
            uname.machine(),
            "nodename",
            uname.nodename(),
            "release",
            uname.release(),
            "sysname",
            uname.sysname(),
            "version",
            uname.version());
  }
}
