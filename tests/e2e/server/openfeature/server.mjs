// An application on a server, as OpenFeature's documentation writes one: each line of its input is
// a boolean flag, with a targeting key where one follows, and is answered with what it came to.
//   node server.mjs http://127.0.0.1:8440/flags/shop/production < keys     (FLAGS_TOKEN: the token)
import { createInterface } from "node:readline";
import { OpenFeature } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";

await OpenFeature.setProviderAndWait(
  new OFREPProvider({
    baseUrl: process.argv[2],
    headers: { Authorization: `Bearer ${process.env.FLAGS_TOKEN}` },
  }),
);
const client = OpenFeature.getClient();
for await (const line of createInterface({ input: process.stdin })) {
  const [key, targetingKey] = line.split(" ");
  const context = targetingKey ? { targetingKey } : {};
  const { value, variant, reason, errorCode } = await client.getBooleanDetails(key, false, context);
  console.log(JSON.stringify({ key, value, variant, reason, errorCode }));
}
