import { provider } from "../provider.case.ts";

const MEMORY = "every filter of Azure remembers the connections that it let in";

provider("azure", {
  "who is admitted gets in, and nobody else": {
    fixture: "an-allow-for-the-office-lets-only-the-office-in",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 192.0.2.44": 1, audit: 0 },
  },
  "a rule for IPv4 says nothing of IPv6": {
    fixture: "a-rule-for-ipv4-says-nothing-of-ipv6",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 2001:db8::9": 1 },
  },
  "two halves of the internet are the internet": {
    fixture: "two-halves-of-the-internet-are-the-internet",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 8.8.8.8": 0, audit: 1 },
  },
  "a protocol may be told by its number": { none: "rules of Azure name their protocols" },
  "a rule for everything opens every protocol and port": {
    fixture: "a-rule-for-everything-opens-every-protocol-and-port",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 203.0.113.9 --port 53 --protocol udp": 0 },
  },
  "the rule that is read first wins": {
    fixture: "numbers-of-rules-are-not-texts",
    asks: { "why web-1 --from 203.0.113.9": 1, "why web-1 --from 192.0.2.44": 0 },
  },
  "what does not run is not reached": {
    fixture: "a-stopped-machine-is-not-exposed",
    asks: { "why web-1 --from 203.0.113.9": 1 },
  },
  "without a public address there is no way from the internet": {
    fixture: "an-open-rule-on-a-private-machine-is-only-a-rule",
    asks: { "why web-1 --from 203.0.113.9": 1, "why web-1 --from 10.20.1.20": 0 },
  },
  "an IPv6 address is a door of its own": {
    fixture: "an-ipv6-address-is-a-door-of-its-own",
    asks: { "why web-1 --from 2001:db8::9": 0, "why web-1 --from 203.0.113.9": 1 },
  },
  "a reply that finds no way back is a block": {
    fixture: "a-reply-that-finds-no-way-back-is-lost",
    asks: { "why web-1 --from 203.0.113.9": 1, "why web-1 --from 10.20.1.20": 0 },
  },
  "a filter without memory must let the reply out too": { none: MEMORY },
  "a rule that names members means their inner addresses": {
    fixture: "a-group-of-machines-as-source-means-their-inner-addresses",
    asks: { "why web-1 --from 10.20.1.30": 0, "why web-1 --from 198.51.100.20": 1 },
  },
  "a neighbour in the network needs a rule too": {
    fixture: "a-neighbour-in-the-network-needs-a-rule-too",
    asks: { "why web-1 --from 10.20.1.70": 0, "why web-1 --from 10.20.1.20": 1 },
  },
  "a joined network comes by its addresses": {
    fixture: "a-peered-network-comes-by-its-addresses",
    asks: { "why web-1 --from 10.40.1.10": 0, "why web-1 --from 10.40.1.10 --port 3389": 1 },
  },
  "a connection that is not active carries nothing": {
    fixture: "a-peering-that-was-only-initiated-carries-nothing",
    asks: { "why web-1 --from 10.40.1.10": 1 },
  },
  "each interface has rules of its own": {
    fixture: "each-interface-has-a-group-of-its-own",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 203.0.113.9 --port 3389": 1 },
  },
  "the owner of a shared network rules for its guests": {
    fixture: "a-manager-of-another-subscription-rules-here",
    asks: { "why web-1 --from 203.0.113.9": 1, "why web-1 --from 203.0.113.9 --port 8080": 0 },
  },
  "a machine without an address may be served through another door": {
    fixture: "a-balancers-other-port-may-lead-to-ssh",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 203.0.113.9 --port 50022": 1, audit: 1 },
  },
  "an open rule on nothing exposes nobody": {
    fixture: "an-open-group-on-nothing-exposes-nobody",
    asks: { audit: 0 },
  },
  "a name that fits two machines is a question back": {
    fixture: "a-name-that-fits-two-machines-is-a-question-back",
    asks: { "why web-1 --from 203.0.113.9": 2, "why rg-shop/web-1 --from 203.0.113.9": 0 },
  },
  "what always exists and was not read is unknown": {
    fixture: "a-group-that-nobody-read-is-unknown",
    asks: { "why web-1 --from 203.0.113.9": 3, "why db-1 --from 203.0.113.9": 1, "audit --fail-on critical": 3 },
  },
  "what was refused is not empty": {
    fixture: "a-refused-list-of-groups-is-not-an-empty-one",
    asks: { "why web-1 --from 203.0.113.9": 3, "why db-1 --from 203.0.113.9": 1, "audit --fail-on critical": 3 },
  },
  "a list of which more follows is not whole": {
    fixture: "a-list-with-a-next-link-is-not-the-whole-list",
    asks: { "why web-1 --from 203.0.113.9": 3 },
  },
  "the last page completes a list": {
    fixture: "a-second-page-completes-the-list",
    asks: { "why web-1 --from 192.0.2.44": 0 },
  },
  "what only the cloud can resolve is unknown": {
    fixture: "a-service-tag-that-nobody-resolved-is-unknown",
    asks: { "why web-1 --from 203.0.113.9": 3, "why web-1 --from 203.0.113.9 --port 3389": 1 },
  },
});
