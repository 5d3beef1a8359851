package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says so where the data lie on a network's disk, on which Prometheus' format is not safe. */
final class NetworkDisk {

  private static final Logger LOG = LoggerFactory.getLogger(NetworkDisk.class);

  private NetworkDisk() {}

  static void warn(Disk disk, Path path) {
    String type = disk.fileSystem(path);
    if (type.startsWith("nfs")) {
      LOG.atWarn()
          .addKeyValue("fs_type", type)
          .log(
              "This filesystem is not supported and may lead to data corruption and data loss."
                  + " Please carefully read"
                  + " https://prometheus.io/docs/prometheus/latest/storage/ to learn more about"
                  + " supported filesystems.");
    }
  }
}
