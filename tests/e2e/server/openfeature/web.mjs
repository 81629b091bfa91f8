// An application in a browser, but for the browser: evaluates all flags for one user, listens, and
// tells of each value that a flag has had.
//   node web.mjs http://127.0.0.1:8440/flags/shop/production FLAG USER     (FLAGS_TOKEN: the token)
import { EventSource } from "eventsource";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";

globalThis.EventSource = EventSource;
const [baseUrl, flag, targetingKey] = process.argv.slice(2);
const client = OpenFeature.getClient();
const tell = (why) => console.log(`${why} ${client.getBooleanValue(flag, false)}`);
client.addHandler(ProviderEvents.ConfigurationChanged, () => tell("changed"));
await OpenFeature.setContext({ targetingKey });
await OpenFeature.setProviderAndWait(
  new OFREPWebProvider({
    baseUrl,
    cacheMode: "disabled",
    headers: [["Authorization", `Bearer ${process.env.FLAGS_TOKEN}`]],
  }),
);
tell("ready");
