#include "runner/serve/preflight.h"

#include <unistd.h>

#include "pipelines/base/size.h"
#include "runner/serve/outside.h"
#include "runner/store/lease.h"
#include "stages/host/certificate.h"
#include "stages/host/machine.h"

namespace pipeline::serve {

namespace {

namespace fs = std::filesystem;
using cli::Finding;
using cli::Health;

constexpr std::uint64_t kLittle = std::uint64_t{1} << 30U;

// Takes certificates, answers nobody.
struct Deaf final : http::Handler {
  http::Admission admit(const http::Request& /*head*/) override { return {}; }
};

bool can_write(const fs::path& directory) {
  return ::access(directory.c_str(), W_OK | X_OK) == 0;
}

fs::path nearest_that_exists(fs::path path) {
  std::error_code error;
  while (!fs::exists(path, error) && path.has_relative_path()) path = path.parent_path();
  return path;
}

Finding look_at_directory(const fs::path& directory) {
  const std::string subject = "directory";
  const fs::path there = nearest_that_exists(directory);
  std::error_code error;
  if (!fs::is_directory(there, error))
    return {subject, Health::bad, there.string() + " is no directory", "name another with --data"};
  if (!can_write(there))
    return {subject, Health::bad, there.string() + " cannot be written to by this user",
            "run as the server's user, or give it the directory: chown"};
  if (there != directory)
    return {subject, Health::good, directory.string() + " is made at the first start"};
  return {subject, Health::good, directory.string() + " can be written to"};
}

Finding look_at_address(const host::Address& address, const std::optional<int>& server) {
  const std::string subject = "address";
  const std::string text = address.to_text();
  const auto free = host::can_listen(address);
  if (free) return {subject, Health::good, text + " is free"};
  if (free.error().kind() != base::ErrorKind::conflict)
    return {subject, Health::bad, free.error().to_string(), free.error().hint().value_or("")};
  if (server)
    return {subject, Health::good,
            text + " is taken, and this directory's server is running (pid " +
                std::to_string(*server) + ")"};
  return {subject, Health::bad,
          text + " is taken by " + host::listener_on(address).value_or("another process"),
          "stop that, or choose another: listen in server.toml, or --listen. Nothing is wrong when "
          "it is the service manager's socket for this server"};
}

Finding finding_of(const std::string& subject, const base::Error& error) {
  return {subject, Health::bad, error.to_string(), error.hint().value_or("")};
}

// Nobody is called: the file and its secrets are looked at.
std::vector<Finding> look_outside(const settings::ServerSettings& settings) {
  std::vector<Finding> findings;
  if (const auto mail = mail_server_of(settings); !mail)
    findings.push_back(finding_of("mail", mail.error()));
  else if (*mail)
    findings.push_back(
        {"mail", Health::good, "leaves by " + settings.mail->server + ", from " + (*mail)->from});
  if (const auto provider = provider_of(settings); !provider)
    findings.push_back(finding_of("login", provider.error()));
  else if (*provider)
    findings.push_back({"login", Health::good,
                        "through " + (*provider)->issuer + ", which sends people back to " +
                            (*provider)->redirect_uri});
  if (const auto traces = trace::otlp_receiver_of(trace::find_in_environment); !traces)
    findings.push_back(finding_of("traces", traces.error()));
  else if (*traces)
    findings.push_back({"traces", Health::good, "go to " + (*traces)->server});
  return findings;
}

}  // namespace

Finding look_at_certificate(const http::TlsFiles& files, base::TimePoint now) {
  const std::string subject = "certificate";
  const std::string next =
      "[tls] in server.toml, or --tls-certificate and --tls-key, name both files";
  Deaf deaf;
  if (const auto taken = http::Server::create(deaf, {})->set_tls(files); !taken)
    return {subject, Health::bad, taken.error().to_string(), taken.error().hint().value_or(next)};
  const auto certificate = host::read_certificate(files.certificates);
  if (!certificate) return {subject, Health::bad, certificate.error().to_string(), next};
  return cli::certificate_finding(subject, certificate->subject, certificate->until, now);
}

Finding look_at_disk(const fs::path& directory) {
  const std::string subject = "disk";
  const auto disk = host::disk_of(nearest_that_exists(directory));
  if (!disk) return {subject, Health::bad, disk.error().to_string()};
  const std::string found =
      base::format_size(disk->free) + " of " + base::format_size(disk->size) + " are free";
  if (disk->free >= kLittle) return {subject, Health::good, found};
  return {subject, Health::weak, found,
          "pipeline gc removes old runs; [retention] in server.toml does it by itself"};
}

Finding look_at_database(const store::DatabaseKeeper& database) {
  const std::string subject = "database";
  const auto present = database.present_schema();
  const int newest = database.newest_schema();
  if (!present)
    return {subject, Health::bad, present.error().to_string(),
            "restore a backup: pipeline restore"};
  if (!*present) return {subject, Health::good, "none yet; it is made at the first start"};
  const std::string schema = "schema " + std::to_string(**present);
  if (**present > newest)
    return {subject, Health::bad,
            schema + ", of a newer version of pipeline: this one knows " + std::to_string(newest),
            "start the version that it was written by"};
  if (**present == newest) return {subject, Health::good, schema + ", as this version has it"};
  const std::string way = schema + ", which the next start brings to " + std::to_string(newest);
  if (const auto tried = database.try_upgrade(); !tried)
    return {subject, Health::bad,
            way + "; that fails, tried on a copy: " + tried.error().to_string(),
            "nothing has changed; stay with the version that it was written by"};
  return {subject, Health::good, way + ", tried on a copy; older versions refuse it from then on"};
}

std::vector<Finding> look_before_start(const settings::ServerSettings& settings,
                                       const store::Paths& paths,
                                       const store::DatabaseKeeper& database, base::TimePoint now) {
  std::vector<Finding> findings = {look_at_directory(paths.root()), look_at_disk(paths.root()),
                                   look_at_database(database)};
  if (settings.tls) findings.push_back(look_at_certificate(*settings.tls, now));
  for (Finding& finding : look_outside(settings)) findings.push_back(std::move(finding));
  findings.push_back(look_at_address(settings.listen, store::server_of(paths)));
  return findings;
}

}  // namespace pipeline::serve
