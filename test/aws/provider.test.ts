import { provider } from "../provider.case.ts";

provider("aws", {
  "who is admitted gets in, and nobody else": {
    fixture: "the-address-of-the-office-has-changed",
    asks: { "why web-1 --from 203.0.113.6": 0, "why web-1 --from 203.0.113.9": 1 },
  },
  "a rule for IPv4 says nothing of IPv6": {
    fixture: "a-rule-for-ipv4-says-nothing-of-ipv6",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 2001:db8:77::9": 1 },
  },
  "two halves of the internet are the internet": {
    fixture: "two-halves-of-the-internet-are-the-internet",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 8.8.8.8": 0, audit: 1 },
  },
  "a protocol may be told by its number": {
    fixture: "protocol-six-is-tcp-and-protocol-fifty-is-not",
    asks: { "why vpn-1 --from 203.0.113.9": 0, "why vpn-1 --from 203.0.113.9 --protocol udp --port 22": 1 },
  },
  "a rule for everything opens every protocol and port": {
    fixture: "protocol-minus-one-opens-every-port",
    asks: {
      "why build-1 --from 203.0.113.9 --port 3389": 0,
      "why build-1 --from 203.0.113.9 --port 53 --protocol udp": 0,
    },
  },
  "the rule that is read first wins": {
    fixture: "a-deny-with-a-lower-number-wins",
    asks: { "why web-1 --from 203.0.113.9": 1 },
  },
  "what does not run is not reached": {
    fixture: "a-stopped-machine-is-not-exposed",
    asks: { "why web-1 --from 203.0.113.9": 1 },
  },
  "without a public address there is no way from the internet": {
    fixture: "an-open-rule-on-a-machine-without-an-address-is-only-a-rule",
    asks: { "why batch-1 --from 203.0.113.9": 1, audit: 1 },
  },
  "an IPv6 address is a door of its own": {
    fixture: "an-ipv6-address-needs-no-elastic-ip",
    asks: { "why web-1 --from 2001:db8:77::9": 0, "why web-1 --from 203.0.113.9": 1 },
  },
  "a reply that finds no way back is a block": {
    fixture: "a-gateway-route-to-the-office-answers-only-the-office",
    asks: { "why web-1 --from 203.0.113.9": 0, "why web-1 --from 192.0.2.44": 1 },
  },
  "a filter without memory must let the reply out too": {
    fixture: "the-reply-needs-an-open-acl-too",
    asks: { "why web-1 --from 203.0.113.9": 1 },
  },
  "a rule that names members means their inner addresses": {
    fixture: "a-group-as-source-means-the-private-addresses-of-its-members",
    asks: { "why web-1 --from 10.20.1.20": 0, "why web-1 --from 198.51.100.20": 1 },
  },
  "a neighbour in the network needs a rule too": {
    fixture: "a-neighbour-in-the-subnet-does-not-meet-the-acl",
    asks: { "why web-1 --from 10.20.1.20": 0, "why web-1 --from 10.20.2.30": 1 },
  },
  "a joined network comes by its addresses": {
    fixture: "a-peering-with-routes-on-both-sides-carries",
    asks: { "why web-1 --from 10.40.1.10": 0, "why web-1 --from 10.40.1.10 --port 3389": 1 },
  },
  "a connection that is not active carries nothing": {
    fixture: "a-peering-nobody-accepted-carries-nothing",
    asks: { "why web-1 --from 10.40.1.10": 1 },
  },
  "each interface has rules of its own": {
    fixture: "the-second-interface-has-groups-of-its-own",
    asks: { "why fw-1 --from 203.0.113.9": 0 },
  },
  "the owner of a shared network rules for its guests": {
    fixture: "the-owner-of-a-shared-vpc-blocks-for-its-guests",
    asks: { "why part-1 --from 203.0.113.9": 1 },
  },
  "a machine without an address may be served through another door": {
    fixture: "a-network-balancer-exposes-a-machine-without-an-address",
    asks: { "why db-1 --from 203.0.113.9": 0, "why db-1 --from 203.0.113.9 --protocol udp": 1, audit: 1 },
  },
  "an open rule on nothing exposes nobody": {
    fixture: "an-open-group-on-nothing-exposes-nobody",
    asks: { audit: 0 },
  },
  "a name that fits two machines is a question back": {
    fixture: "a-name-that-fits-two-machines-is-a-question-back",
    asks: { "why web-1 --from 203.0.113.9": 2, "why i-08e1a6ea1a73d34c0 --from 203.0.113.9": 0 },
  },
  "what always exists and was not read is unknown": {
    fixture: "an-acl-that-could-not-be-read-is-unknown",
    asks: { "why web-1 --from 203.0.113.9": 3, "why web-1 --from 203.0.113.9 --port 3389": 1 },
  },
  "what was refused is not empty": {
    fixture: "balancers-that-could-not-be-read-are-unknown",
    asks: { "why db-1 --from 203.0.113.9": 3, "why db-1 --from 10.20.4.30": 0, "audit --fail-on critical": 3 },
  },
  "a list of which more follows is not whole": {
    fixture: "a-list-with-a-next-token-is-not-the-whole-list",
    asks: { "why web-1 --from 203.0.113.9": 3 },
  },
  "the last page completes a list": {
    fixture: "a-second-page-completes-the-list",
    asks: { "why web-1 --from 203.0.113.9": 0 },
  },
  "what only the cloud can resolve is unknown": {
    fixture: "a-prefix-list-nobody-read-is-unknown",
    asks: { "why web-1 --from 203.0.113.9": 3, "why web-1 --from 203.0.113.9 --port 443": 1, audit: 3 },
  },
});
