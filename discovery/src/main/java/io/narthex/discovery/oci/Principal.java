package io.narthex.discovery.oci;

import java.io.IOException;

/** Who asks. */
interface Principal {

  /** The tenancy that it belongs to. */
  String tenancy() throws IOException;

  /** Signs in its name, with what is good now. */
  Signer signer() throws IOException;
}
