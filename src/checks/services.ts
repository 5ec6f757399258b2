import type { Severity } from "#model/finding.ts";
import { TCP, UDP } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, ports } from "#packets/set.ts";

/** A service that should not face the internet: where it listens, and why that matters. */
export interface RiskyService {
  readonly id: string;
  readonly name: string;
  readonly protocol: typeof TCP | typeof UDP;
  readonly ports: readonly number[];
  /** The severity of reaching it from the whole internet. */
  readonly severity: Severity;
  readonly why: string;
  readonly set: PacketSet;
}

const passwords = (name: string): string => `Anyone who finds the address can try passwords and known bugs in ${name}.`;
const data = (name: string): string => `${name} holds data, and many installations ask for no password.`;
const control = (name: string): string => `Who reaches ${name} controls the machine or the cluster behind it.`;
const plain = (name: string): string => `${name} sends passwords and data in the clear.`;
const inner = (name: string): string => `${name} is made for a trusted network, and is scanned for all day.`;

const row = (
  id: string,
  name: string,
  severity: Severity,
  why: string,
  protocol: typeof TCP | typeof UDP,
  ...at: readonly number[]
): RiskyService => ({
  id,
  name,
  protocol,
  ports: at,
  severity,
  why,
  set: anyOf(at.map((port) => ports(protocol, port, port))),
});

/**
 * Ports that Security Hub's EC2.19 calls high risk, the usual databases, and what gives control over machines. One row
 * more is one check more.
 */
export const riskyServices: readonly RiskyService[] = [
  row("ssh", "SSH", "critical", passwords("SSH"), TCP, 22),
  row("rdp", "RDP", "critical", passwords("RDP"), TCP, 3389),
  row("ftp", "FTP", "high", plain("FTP"), TCP, 20, 21),
  row("telnet", "Telnet", "critical", plain("Telnet"), TCP, 23),
  row("smtp", "SMTP", "high", "An open relay sends other people's spam, and mailboxes leak.", TCP, 25),
  row("pop3", "POP3", "high", plain("POP3"), TCP, 110),
  row("rpc", "Windows RPC", "critical", inner("Windows RPC"), TCP, 135),
  row("imap", "IMAP", "high", plain("IMAP"), TCP, 143),
  row("smb", "SMB", "critical", inner("SMB"), TCP, 445),
  row("mssql", "SQL Server", "critical", data("SQL Server"), TCP, 1433, 1434),
  row("web-dev", "a development web server (3000)", "high", inner("A development web server"), TCP, 3000),
  row("mysql", "MySQL", "critical", data("MySQL"), TCP, 3306),
  row("ahsp", "AHSP (4333)", "high", inner("AHSP"), TCP, 4333),
  row("web-dev-python", "a development web server (5000)", "high", inner("A development web server"), TCP, 5000),
  row("postgresql", "PostgreSQL", "critical", data("PostgreSQL"), TCP, 5432),
  row("fcp-addr", "FCP address server (5500)", "high", inner("The FCP address server"), TCP, 5500),
  row("kibana", "Kibana or OpenSearch Dashboards", "high", data("A dashboard"), TCP, 5601),
  row("http-proxy", "a proxy (8080)", "high", inner("A proxy or an application server's own port"), TCP, 8080),
  row("http-8088", "legacy HTTP (8088)", "high", inner("A management page"), TCP, 8088),
  row("http-8888", "alternative HTTP (8888)", "high", inner("A notebook or management page"), TCP, 8888),
  row("elasticsearch", "Elasticsearch or OpenSearch", "critical", data("Elasticsearch"), TCP, 9200, 9300),
  row("oracle", "Oracle", "critical", data("Oracle"), TCP, 1521, 2483, 2484),
  row("mongodb", "MongoDB", "critical", data("MongoDB"), TCP, 27017, 27018, 27019),
  row("redis", "Redis", "critical", data("Redis"), TCP, 6379),
  row("memcached", "Memcached", "critical", data("Memcached"), TCP, 11211),
  row(
    "memcached-udp",
    "Memcached (UDP)",
    "critical",
    "It answers a small question with a flood to whoever is named as the sender.",
    UDP,
    11211,
  ),
  row("cassandra", "Cassandra", "critical", data("Cassandra"), TCP, 9042, 9160),
  row("couchdb", "CouchDB", "critical", data("CouchDB"), TCP, 5984),
  row("db2", "Db2", "critical", data("Db2"), TCP, 50000),
  row("neo4j", "Neo4j", "critical", data("Neo4j"), TCP, 7474, 7687),
  row("influxdb", "InfluxDB", "critical", data("InfluxDB"), TCP, 8086),
  row("etcd", "etcd", "critical", control("etcd"), TCP, 2379, 2380),
  row("docker", "the Docker API", "critical", control("the Docker API"), TCP, 2375, 2376),
  row("kubernetes", "the Kubernetes API or kubelet", "critical", control("the Kubernetes API"), TCP, 6443, 10250),
  row("winrm", "WinRM", "critical", passwords("WinRM"), TCP, 5985, 5986),
  row("vnc", "VNC", "critical", passwords("VNC"), TCP, 5900, 5901),
  row("ldap", "LDAP", "high", data("LDAP"), TCP, 389, 636),
  row("nfs", "NFS", "critical", inner("NFS"), TCP, 2049),
  row("rsync", "rsync", "high", data("rsync"), TCP, 873),
  row("kafka", "Kafka", "high", data("Kafka"), TCP, 9092),
  row("snmp", "SNMP", "high", plain("SNMP"), UDP, 161),
  row("tftp", "TFTP", "high", plain("TFTP"), UDP, 69),
];

const EVERY_PORT = [0, 65_535] as const;

/** Every port of a protocol: no service is meant, so nothing is kept out. */
export const everyPort = [TCP, UDP].map((protocol) => ({ protocol, set: ports(protocol, ...EVERY_PORT) }));
