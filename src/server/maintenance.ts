import { readFileSync } from 'node:fs';
import { Metadata } from '@grpc/grpc-js';
import type { MemberDescription, MemberStatus } from '../member/api.ts';
import {
  clusterService,
  type MemberListResponse,
  maintenanceService,
  type StatusResponse,
  type Member as WireMember,
} from '../wire/etcdserverpb.ts';
import { header } from './header.ts';
import { type FrontDoor, registerUnary } from './unary.ts';

/**
 * The version of etcd's API that is served: clients parse it as a semantic version, and some ask for features by it.
 * Our own is in the header `coterie-version` of a Status response.
 */
const ETCD_API_VERSION = '3.4.0';

export function serveMaintenance(door: FrontDoor): void {
  const own = new Metadata();
  own.set('coterie-version', packageVersion());
  registerUnary(door, maintenanceService.status, (_request, caller) => {
    caller.sendMetadata(own);
    return statusResponse(door.member.status());
  });
}

export function serveCluster(door: FrontDoor): void {
  registerUnary(door, clusterService.memberList, () => memberListResponse(door.member.status()));
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
