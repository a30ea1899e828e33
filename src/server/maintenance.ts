import { readFileSync } from 'node:fs';
import { Metadata, type Server } from '@grpc/grpc-js';
import type { Member, MemberDescription, MemberStatus } from '../member/api.ts';
import {
  clusterService,
  type MemberListResponse,
  maintenanceService,
  type StatusResponse,
  type Member as WireMember,
} from '../wire/etcdserverpb.ts';
import { header } from './response.ts';
import { registerUnary } from './unary.ts';

/**
 * The version of etcd's API that is served: clients parse it as a semantic version, and some ask for features by it.
 * Our own is in the header `coterie-version` of a Status response.
 */
const ETCD_API_VERSION = '3.4.0';

export function serveMaintenance(server: Server, member: Member): void {
  const own = new Metadata();
  own.set('coterie-version', packageVersion());
  registerUnary(server, member, maintenanceService.status, (_request, caller) => {
    caller.sendMetadata(own);
    return statusResponse(member.status());
  });
}

export function serveCluster(server: Server, member: Member): void {
  registerUnary(server, member, clusterService.memberList, () => memberListResponse(member.status()));
}

function statusResponse(status: MemberStatus): StatusResponse {
  return {
    header: header(status, status.revision),
    version: ETCD_API_VERSION,
    dbSize: status.storageBytes,
    leader: status.leaderId,
    raftIndex: status.chosenSlot,
    raftTerm: status.round,
    raftAppliedIndex: status.appliedSlot,
    errors: status.leader === null ? ['etcdserver: no leader'] : [],
    dbSizeInUse: status.storageBytesInUse,
    isLearner: status.members.some(({ id, learner }) => id === status.memberId && learner),
  };
}

function memberListResponse(status: MemberStatus): MemberListResponse {
  return { header: header(status, status.revision), members: status.members.map(wireMember) };
}

function wireMember({ id, name, peerAddress, clientAddress, learner }: MemberDescription): WireMember {
  return { id, name, peerURLs: urls(peerAddress), clientURLs: urls(clientAddress), isLearner: learner };
}

function urls(address: string): string[] {
  return address === '' ? [] : [`http://${address}`];
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version }: { readonly version: string } = JSON.parse(text);
  return version;
}
