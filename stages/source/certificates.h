// The certificates of trusted authorities, read when a connection first needs them.
//
// libgit2 reads all of them whenever it is initialised, which costs more than a run of a local
// repository otherwise does of git's work. So the function of mbedTLS by which it does that is
// defined in this program as well, and found before the library's own: it finds nothing until
// load_certificates() was called. Where libgit2 was built with another TLS library nobody calls it,
// and load_certificates() changes nothing that was not so already.
//
// SSL_CERT_FILE names other authorities in place of the system's, as it does for OpenSSL and curl.
#pragma once

#include "pipelines/base/result.h"

namespace pipeline::source {

// Before the first connection over TLS; any number of times, from any thread. Whether there are
// any; an error when SSL_CERT_FILE names a file that cannot be used.
base::Result<bool> load_certificates();

}  // namespace pipeline::source
