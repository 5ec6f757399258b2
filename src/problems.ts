import type { Problem } from "#model/gap.ts";

/**
 * Everything that can go wrong for the user: what happened, what it costs, what to do. Texts from outside stand in
 * quotes only where they could be mistaken for ours; `reports` makes them safe to print.
 */
const problem =
  <P extends readonly string[]>(
    code: string,
    says: (...p: P) => string,
    costs: (...p: P) => string,
    fix: (...p: P) => string,
  ) =>
  (...p: P): Problem => ({ code, says: says(...p), costs: costs(...p), fix: fix(...p) });

/** Codes that no permission mends: the place is closed to these credentials, or the cloud was not well. */
const CLOSED = /RegionClosed|AuthFailure|OptInRequired|InvalidClientTokenId|RegionDisabled/;
const OFF = /SERVICE_DISABLED/;
const TRANSIENT =
  /RequestLimitExceeded|Throttl|Timeout|Unavailable|Internal|OutOfTime|ChangedWhileRead|BrokenAnswer|NotAnAnswer|NoAnswer|Expired|rateLimitExceeded|TooManyRequests|RetryableError|RATE_LIMIT|backendError|UNREACHABLE/i;

const unknownVerdicts = (): string => 'Answers that need it say "unknown".';
const restAnswers = (): string => "Nothing in it is used; the rest of the snapshot still answers.";

export const problems = {
  // What the user typed.
  notAnAddress: problem(
    "question/not-an-address",
    (text: string) => `"${text}" is no IP address.`,
    () => "There is no client to ask about.",
    () => "Write one IPv4 or IPv6 address, such as 203.0.113.9 or 2001:db8::9.",
  ),
  noClient: problem(
    "question/no-client",
    () => "--from is missing: why asks about one machine and one client.",
    () => "There is no client to ask about.",
    () => "Add --from and one address, such as --from 203.0.113.9; sallyport why --help explains.",
  ),
  notOneAddress: problem(
    "question/a-range",
    (text: string) => `"${text}" is a range; why asks about one client.`,
    () => "A range may be half open, so it has no one answer.",
    () => "Write one address of it, or ask who can reach the machine: sallyport who <machine>.",
  ),
  notAPort: problem(
    "question/not-a-port",
    (text: string) => `"${text}" is no port.`,
    () => "There is no service to ask about.",
    () => "Write a whole number from 0 to 65535, such as --port 22.",
  ),
  notAnIcmpMessage: problem(
    "question/not-an-icmp-message",
    (text: string) => `"${text}" is no ICMP type, nor a type and a code.`,
    () => "There is no message to ask about.",
    () => "Write --port 8 for a ping, --port 3.4 for type 3 code 4, or leave --port out for a ping.",
  ),
  notAProtocol: problem(
    "question/not-a-protocol",
    (text: string) => `"${text}" is no protocol.`,
    () => "There is no service to ask about.",
    () => "Write tcp, udp, icmp, icmpv6, or a protocol number from 0 to 255.",
  ),
  notAShare: problem(
    "question/not-a-share",
    (text: string) => `"${text}" is no share of the internet.`,
    () => "The audit cannot tell when a source counts as the internet.",
    () => "Write a number above 0 and up to 1, such as --internet-share 0.5.",
  ),
  notASeverity: problem(
    "question/not-a-severity",
    (text: string) => `"${text}" is no severity.`,
    () => "The exit code cannot be decided.",
    () => "Write critical, high, medium or low after --fail-on.",
  ),
  notAFormat: problem(
    "question/not-a-format",
    (text: string, _known: string) => `"${text}" is no output format.`,
    () => "Nothing can be written.",
    (_text: string, known: string) => `Choose one of ${known}.`,
  ),
  notACloud: problem(
    "question/not-a-cloud",
    (text: string, _known: string) => `"${text}" is no cloud that is known here.`,
    () => "There are no calls to list.",
    (_text: string, known: string) => `Choose one of ${known}.`,
  ),
  notAName: problem(
    "question/not-a-name",
    (text: string) => `"${text}" is no name of a role.`,
    () => "It would stand in a policy.",
    () => "Write letters, digits and + = , . @ _ - only.",
  ),
  notAShell: problem(
    "question/not-a-shell",
    (text: string, _known: string) => `"${text}" is no shell that is known here.`,
    () => "There is no completion for it.",
    (_text: string, known: string) => `Choose one of ${known}.`,
  ),
  noSnapshot: problem(
    "question/no-snapshot",
    () => "There is nothing to read.",
    () => "Without facts there is no answer.",
    () => "Name a folder of raw answers with --snapshot, or read a cloud live with --aws, --gcp or --azure.",
  ),
  noCloudThere: problem(
    "cloud/not-there",
    (why: string) => `AWS could not be asked who is asking: ${why}`,
    () => "Nothing was read.",
    () => "Check the network, and AWS_ENDPOINT_URL if it is set.",
  ),
  noCredentials: problem(
    "cloud/no-credentials",
    (which: string, why: string) => `AWS does not know who is asking (credentials: ${which}). ${why}`.trim(),
    () => "Nothing was read.",
    () =>
      "Log in, for example with aws sso login, or name a profile with --profile; aws sts get-caller-identity must work.",
  ),
  noGoogleCredentials: problem(
    "cloud/no-google-credentials",
    (why: string) => `Google Cloud does not know who is asking. ${why}`.trim(),
    () => "Nothing was read.",
    () =>
      "Log in with gcloud auth application-default login, or let GOOGLE_APPLICATION_CREDENTIALS name a file with credentials.",
  ),
  noAzureCredentials: problem(
    "cloud/no-azure-credentials",
    (why: string) => `Azure does not know who is asking. ${why}`.trim(),
    () => "Nothing was read.",
    () =>
      "Log in with az login, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET of a service principal. AZURE_TOKEN_CREDENTIALS says which kind of credentials to take.",
  ),
  noMachine: problem(
    "machine/not-found",
    (text: string, count: string) => `No machine called "${text}" is among the ${count} that were read.`,
    () => "There is nothing to ask about.",
    () =>
      "Name it by its id, its name, one of its addresses or an interface id, and check that its account and Region were read.",
  ),
  nearMachine: problem(
    "machine/not-found",
    (text: string, _near: string) => `No machine is called "${text}".`,
    () => "There is nothing to ask about.",
    (_text: string, near: string) => `Did you mean ${near}?`,
  ),
  severalMachines: problem(
    "machine/ambiguous",
    (text: string, list: string) => `"${text}" fits several machines: ${list}.`,
    () => "Each may have another answer.",
    () => "Name one of them by its id.",
  ),
  notSaved: problem(
    "output/not-saved",
    (path: string, why: string) => `${path} could not be written (${why}).`,
    () => "The report is not saved; a file that was there is as it was.",
    () => "Check the folder and the space on its disk, then run the same command again.",
  ),
  notWritten: problem(
    "output/not-written",
    (why: string) => `The answer could not be written (${why}).`,
    () => "What was printed is not all of it.",
    () => "Look for a full disk, then run the same command again.",
  ),
  usage: problem(
    "question/usage",
    (what: string, _help: string) => what,
    () => "Nothing was read or decided.",
    (_what: string, help: string) => help,
  ),
  oldNode: problem(
    "runtime/old-node",
    (version: string) => `sallyport needs Node 22.13 or newer; this is ${version}.`,
    () => "It cannot start.",
    () => "Install a newer Node, or run it through npm in a checkout, which brings its own.",
  ),

  // Files.
  noCloud: problem(
    "question/no-cloud",
    () => "No cloud is named.",
    () => "Nothing was read.",
    () => "Add --aws, --gcp or --azure; sallyport collect --help explains.",
  ),
  noOutput: problem(
    "question/no-output",
    () => "--output is missing: a snapshot needs a folder.",
    () => "Nothing was read.",
    () => "Name a folder that is not there yet, such as --output ./snapshot.",
  ),
  withoutCloud: problem(
    "question/without-cloud",
    (option: string) => `${option} is about a cloud that is read live, and none is named.`,
    () => "Nothing was read.",
    () => "Add --aws, --gcp or --azure, or leave it out.",
  ),
  notAnAccount: problem(
    "question/not-an-account",
    (text: string) => `"${text}" is no account of AWS.`,
    () => "Nothing was read.",
    () => "Write the twelve digits of its id.",
  ),
  notAProject: problem(
    "question/not-a-project",
    (text: string) => `"${text}" is no id of a project of Google Cloud.`,
    () => "Nothing was read.",
    () => "Write its id, such as shop-prod: not its name or its number. gcloud projects list prints it.",
  ),
  notACloudFolder: problem(
    "question/not-a-cloud-folder",
    (text: string) => `"${text}" is no folder of Google Cloud.`,
    () => "Nothing was read.",
    () => "Write its number, or organizations/ and the number of the organisation.",
  ),
  notAServiceAccount: problem(
    "question/not-a-service-account",
    (text: string) => `"${text}" is no service account.`,
    () => "Nothing was read.",
    () => "Write its address, such as sallyport@shop-prod.iam.gserviceaccount.com.",
  ),
  notLoopback: problem(
    "question/not-loopback",
    (text: string) => `SALLYPORT_GCP_ENDPOINT is "${text}", which is not on this machine.`,
    () => "Nothing was read, and nobody was shown a token.",
    () => "It is for tests: unset it, or let it be an address such as http://127.0.0.1:8080.",
  ),
  notSecureLoopback: problem(
    "question/not-secure-loopback",
    (text: string) => `SALLYPORT_AZURE_ENDPOINT is "${text}", which is no https address on this machine.`,
    () => "Nothing was read, and nobody was shown a token.",
    () => "It is for tests: unset it, or let it be an address such as https://127.0.0.1:8443.",
  ),
  noSubscription: problem(
    "cloud/no-subscription",
    (why: string) => `There is no subscription to read. ${why}`.trim(),
    () => "Nothing was read.",
    () => "Name one with --subscription, by its id or its name; az account list prints both.",
  ),
  noProject: problem(
    "cloud/no-project",
    (why: string) => `There is no project to read. ${why}`.trim(),
    () => "Nothing was read.",
    () => "Name one with --project, or a folder with --folder.",
  ),
  notSeconds: problem(
    "question/not-seconds",
    (text: string) => `"${text}" is no number of seconds.`,
    () => "Nothing was read.",
    () => "Write a whole number above 0, such as --deadline 600.",
  ),
  noRegion: problem(
    "question/no-region",
    (list: string) => `There is no Region to read: ${list}.`,
    () => "Nothing was read.",
    () => "Check the names after --region; aws ec2 describe-regions lists those of the account.",
  ),
  noAccount: problem(
    "cloud/no-account",
    (why: string) => `No account could be entered. ${why}`,
    () => "Nothing was read.",
    () =>
      "Check the ids after --account, and that the role is there and trusts the account that asks: sallyport permissions aws --format cloudformation prints it.",
  ),
  interrupted: problem(
    "runtime/interrupted",
    () => "Stopped.",
    () => "Nothing is left of what was read.",
    () => "Run the same command again.",
  ),
  noFolder: problem(
    "snapshot/no-folder",
    (path: string) => `There is no folder ${path}.`,
    () => "Without facts there is no answer.",
    () => "Check the path after --snapshot.",
  ),
  notAFolder: problem(
    "snapshot/not-a-folder",
    (path: string) => `${path} is no folder.`,
    () => "Without facts there is no answer.",
    () => "Name the folder that holds the .json files after --snapshot.",
  ),
  unreadable: problem(
    "snapshot/unreadable",
    (path: string, why: string) => `${path} may not be read (${why}).`,
    restAnswers,
    () => "Allow this user to read it, or leave it out of the folder.",
  ),
  emptyFolder: problem(
    "snapshot/empty",
    (path: string) => `${path} holds no .json file.`,
    () => "Without facts there is no answer.",
    () => "Write raw answers there, for example: aws ec2 describe-instances --output json > instances.json.",
  ),
  notJson: problem(
    "snapshot/not-json",
    (file: string) => `${file} is not JSON.`,
    restAnswers,
    () => "Write it again with --output json, or take it out of the folder.",
  ),
  emptyFile: problem(
    "snapshot/empty-file",
    (file: string) => `${file} is empty.`,
    restAnswers,
    () =>
      "A call that was refused leaves an empty file behind: run the command that wrote it again, and read what it says.",
  ),
  cutShort: problem(
    "snapshot/cut-short",
    (file: string) => `${file} ends in the middle: it is JSON that was cut short.`,
    restAnswers,
    () => "Run the command that wrote it again, and look for a full disk or an interrupted copy.",
  ),
  unrecognised: problem(
    "snapshot/unrecognised",
    (file: string) => `${file} is JSON, but no answer of a cloud that is known here.`,
    restAnswers,
    () => "Keep what the cloud's own command line printed as it was, or take the file out of the folder.",
  ),
  large: problem(
    "snapshot/large",
    (file: string, size: string) => `${file} is large: ${size}.`,
    () => "It is read whole, and needs about three times its size of memory.",
    () => "If memory runs out, write the answer in pages: aws … --max-items 1000 --starting-token ….",
  ),
  tooLarge: problem(
    "snapshot/too-large",
    (file: string, size: string) => `${file} is too large to be read in one piece: ${size}.`,
    restAnswers,
    () => "Write the answer in pages of at most 500 MB: aws … --max-items 1000 --starting-token ….",
  ),
  noEntryName: problem(
    "snapshot/unnamed",
    (file: string, what: string, _such: string) =>
      `${file} holds ${what}, but neither its name nor its folder's says of which.`,
    restAnswers,
    (_file: string, _what: string, such: string) => `Put the id or the name into the file's name, such as ${such}.`,
  ),
  noTableName: problem(
    "snapshot/unnamed",
    (file: string, what: string) => `${file} holds the ${what}, but neither its name nor its folder's says of which.`,
    restAnswers,
    () => "Put the id into the file's name, such as tgw-rtb-0123456789abcdef0.json.",
  ),
  moreRoutes: problem(
    "snapshot/incomplete",
    (file: string) => `${file} holds some routes only: it says that more are available.`,
    () => "Where the others lead is unknown, and so is every answer that may rest on them.",
    () => "Search again without --max-results, with a version of aws that follows the pages of this call.",
  ),
  incomplete: problem(
    "snapshot/incomplete",
    (file: string, key: string) => `${file} holds the first ${key} only: it says that more pages follow.`,
    () => "What the missing pages hold is unknown, and so is every answer that may rest on it.",
    () => "Write the list without --max-items, or put the other pages beside it.",
  ),

  taken: problem(
    "snapshot/taken",
    (folder: string) => `${folder} is there already, and not empty.`,
    () => "Nothing was read. A snapshot is never mixed with what is there.",
    () => "Name a folder that is not there yet, or remove this one.",
  ),
  snapshotNotWritten: problem(
    "snapshot/not-written",
    (folder: string, why: string) => `${folder} could not be written (${why}).`,
    () => "There is no snapshot; nothing half-written is left.",
    () => "Check the folder and the space on its disk, then run the same command again.",
  ),
  unfinished: problem(
    "snapshot/unfinished",
    (folder: string) => `${folder} was never finished: whoever collected it was stopped.`,
    () => "Nothing in it is used, because what is missing cannot be told from what is not there.",
    () => "Collect again, and remove this folder.",
  ),
  lostFile: problem(
    "snapshot/lost-file",
    (file: string, call: string) => `${file} is not there, or of no use, although ${call} was answered with it.`,
    unknownVerdicts,
    () => "Put the file back, or collect again.",
  ),

  // Facts.
  refused: problem(
    "cloud/refused",
    (call: string, where: string, why: string) => `${call} was refused ${where} (${why}).`,
    unknownVerdicts,
    (call: string, _where: string, why: string) =>
      OFF.test(why)
        ? "Enable the API that it is of in the project, then read again."
        : CLOSED.test(why)
          ? "Check whether the Region is open for the account and the credentials are good there, then read again."
          : TRANSIENT.test(why)
            ? "Read again."
            : `Allow ${call}, then read again.`,
  ),
  missing: problem(
    "fact/missing",
    (what: string, _how: string) => `Not read: ${what}.`,
    unknownVerdicts,
    (_what: string, how: string) => `Add it to the snapshot: ${how}.`,
  ),
  notInList: problem(
    "fact/not-in-list",
    (what: string, named: string, _how: string) => `Not in the snapshot: ${what}, which ${named} needs.`,
    unknownVerdicts,
    (_what: string, _named: string, how: string) => `Read it from the account and Region that own it: ${how}.`,
  ),
  contradicts: problem(
    "fact/contradicts-itself",
    (id: string, first: string, second: string) =>
      `${id} stands in the snapshot twice, and differs: in ${first} and in ${second}.`,
    unknownVerdicts,
    () => "Keep the newer one and take the other out.",
  ),
  hostBits: problem(
    "fact/host-bits",
    (text: string, _meant: string, where: string) => `${text} in ${where} has host bits set.`,
    () => "Which range it means is not clear, so its rule may or may not match there.",
    (_text: string, meant: string) => `If it means ${meant}, write that; the cloud itself prints no host bits.`,
  ),
  badAddress: problem(
    "fact/not-an-address",
    (text: string, where: string) => `"${text}" in ${where} is no address or CIDR.`,
    () => "What it stands for is not known, so its rule may or may not match.",
    () => "Read the answer again; the cloud itself prints only valid ones.",
  ),
  badPorts: problem(
    "fact/not-a-port-range",
    (text: string, where: string) => `${text} in ${where} is no range of ports.`,
    () => "What it covers is not known, so its rule may or may not match.",
    () => "Read the answer again; the cloud itself prints only valid ranges.",
  ),
  badProtocol: problem(
    "fact/not-a-protocol",
    (text: string, where: string) => `"${text}" in ${where} is no protocol.`,
    () => "What it covers is not known, so its rule may or may not match.",
    () => "Read the answer again, or use a newer version of sallyport.",
  ),
  notARule: problem(
    "fact/not-a-rule",
    (where: string) => `What stands at ${where} is no rule.`,
    () => "What it admits is not known, so it may admit anything.",
    () => "Read the answer again, or use a newer version of sallyport.",
  ),
  lacks: problem(
    "fact/lacks",
    (where: string, what: string) => `What stands at ${where} does not say ${what}.`,
    () => "Where it leads is not known, so it may lead to any machine near it.",
    () => "Read the answer again, or use a newer version of sallyport.",
  ),
  notAList: problem(
    "fact/not-a-list",
    (where: string) => `What stands at ${where} is no list of objects.`,
    () => "What it is part of is not known.",
    () => "Read the answer again, or use a newer version of sallyport.",
  ),
  noMode: problem(
    "fact/no-mode",
    (where: string) => `The options of block public access at ${where} name no mode.`,
    unknownVerdicts,
    () => "Read the answer again.",
  ),
  notItsAddress: problem(
    "fact/not-its-address",
    (own: string, address: string, on: string) => `${address} is said to lead to ${own}, which ${on} does not have.`,
    () => "One of the two answers is older than the other, and which one holds is not known.",
    () => "Read addresses and network interfaces again, one after the other.",
  ),
  badNumber: problem(
    "fact/rule-number",
    (number: string, where: string) => `Rule ${number} stands twice in ${where}.`,
    () => "Which of them is read first is not known, so both are in doubt.",
    () => "Read the answer again; the cloud itself gives each number once.",
  ),
  badAction: problem(
    "fact/not-an-action",
    (text: string, where: string) => `"${text}" in ${where} is neither allow nor deny.`,
    () => "What its rule does is not known.",
    () => "Read the answer again, or use a newer version of sallyport.",
  ),
  changing: problem(
    "fact/changing",
    (what: string, state: string) => `${what} was changing when it was read (${state}).`,
    () => "Whether the old or the new holds is not known.",
    () => "Read it again in a minute.",
  ),
  notModelled: problem(
    "way/not-modelled",
    (what: string) => `The way goes through ${what}, which this version does not follow.`,
    () => "What it does with the packets is not known.",
    (what: string) => `Look at ${what} itself, or try the connection.`,
  ),
  notRead: problem(
    "way/not-read",
    (what: string, _how: string) => `This version does not read ${what}.`,
    unknownVerdicts,
    (_what: string, how: string) => `Look yourself: ${how}.`,
  ),
  notDocumented: problem(
    "way/not-documented",
    (what: string) => `${what}: the cloud does not document this.`,
    () => "Both readings are possible.",
    () => "Try the connection.",
  ),
  noNetworkName: problem(
    "snapshot/unnamed-network",
    (file: string, what: string) => `${file} holds ${what}, but its name does not say of which.`,
    restAnswers,
    () => "Call it effective-firewalls-<network>.json, or put it below a folder that is called like its project.",
  ),
  noLink: problem(
    "fact/no-link",
    (where: string) => `What stands at ${where} does not say what it is, or what network it is of.`,
    () => "The list that it is part of counts as not read in full.",
    () => "Keep selfLink and network as the cloud prints them.",
  ),
  partial: problem(
    "snapshot/partial",
    (file: string, key: string, holes: string) =>
      `${file} does not hold all ${key}: ${holes || "a part"} was not answered.`,
    () => "What is missing there is unknown, and so is every answer that may rest on it.",
    () => "Read the list again when the cloud answers in full.",
  ),
  notFollowed: problem(
    "fact/not-followed",
    (what: string) => `This version does not follow ${what}.`,
    () => "The rule may or may not match.",
    () => "Try the connection.",
  ),
  notTold: problem(
    "fact/not-told",
    (what: string, _how: string) => `What belongs to ${what} is in no answer that was read.`,
    () => "The rule may or may not match.",
    (_what: string, how: string) => how,
  ),
  newerThanThis: problem(
    "fact/newer-than-this",
    (what: string, where: string) => `${what} in ${where} is not understood.`,
    () => "What its rule matches or does is not known.",
    () => "Use a newer version of sallyport.",
  ),
  disagrees: problem(
    "fact/disagrees",
    (what: string, first: string, second: string) => `${first} and ${second} do not say the same of ${what}.`,
    () => "Which of them holds is not known, so both readings are possible.",
    () => "Read both again, one after the other.",
  ),
  severalRoutes: problem(
    "way/several-routes",
    (what: string) => `${what}: packets are shared out among them.`,
    () => "Some replies go one way and some the other.",
    () => "Give one of them another priority.",
  ),
  whoseAddress: problem(
    "way/whose-address",
    (through: string) => `${through} keeps the address of its user, which the rules behind it judge.`,
    () => "Whether they admit it is not known here.",
    () => "Ask about that address, or let the rules name the group of the endpoint.",
  ),
  sharedSubnet: problem(
    "way/shared-subnet",
    (subnet: string) =>
      `Whether the ACL of ${subnet} is asked between a transit gateway and a machine in that one subnet is not verified.`,
    () => "Both readings are possible.",
    () => "Give the attachment a subnet of its own, or try the connection.",
  ),
  oneOfSeveral: problem(
    "way/one-of-several",
    (attachment: string, subnets: string) =>
      `${attachment} hands packets over in one of its subnets (${subnets}), and the answers do not say in which.`,
    () => "What that subnet's ACL and route table do decides.",
    () => "Give these subnets the same ACL and alike routes, or try the connection.",
  ),
  facesNobody: problem(
    "fact/faces-nobody",
    (balancer: string, on: string) => `${balancer} faces the internet, but ${on} has no public address.`,
    () => "One of the two answers is older than the other, and which one holds is not known.",
    () => "Read load balancers and network interfaces again, one after the other.",
  ),
  targetState: problem(
    "way/target-state",
    (target: string, state: string) => `${target} was not healthy as a target when it was read (${state}).`,
    () => "Nothing is sent to it while others are healthy; where none is, it may be sent to all the same.",
    () => "Look at its health check, then read the health of targets again.",
  ),
  senderOf: problem(
    "way/sender",
    (balancer: string) => `${balancer} sends from several addresses and ports, and not all of them pass.`,
    () => "Some connections through it are answered, and others hang.",
    () => "Let all of its addresses through, and ports 1024-65535 back to them.",
  ),
  asksFirst: problem(
    "way/asks-first",
    (listener: string, what: string) => `${listener} lets only those clients on who pass ${what}.`,
    () => "Whoever passes it reaches the machine; who that is stands in no answer.",
    () => "Look at who may sign in, or who holds a certificate.",
  ),
  noTraffic: problem(
    "way/no-traffic",
    (what: string) => `${what}, so it gets traffic only where nothing else can take it.`,
    () => "Whether packets come this way depends on the health of others.",
    () => "Take it out, or read it again when it is in use.",
  ),
  chance: problem(
    "way/chance",
    (what: string) => `${what}: the cloud picks one and keeps it, and its answers do not say which.`,
    () => "Both are possible.",
    () => "Give the two routes the same target, or ranges that do not overlap.",
  ),
} as const;

/** A user's mistake that ends the run. Never shown with a stack. */
export class Trouble extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.says);
    this.problem = problem;
  }
}
