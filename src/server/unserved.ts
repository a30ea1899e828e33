import { type MethodDefinition, type ServerDuplexStream, status } from '@grpc/grpc-js';
import {
  authService,
  clusterService,
  leaseService,
  maintenanceService,
  type Unserved,
  watchService,
} from '../wire/etcdserverpb.ts';
import { Failure } from './status.ts';
import { type FrontDoor, registerUnary } from './unary.ts';

const SERVED = 'KV, Maintenance.Status, Cluster.MemberList and grpc.health.v1.Health';

/** Tells callers of etcd's other methods which are there; grpc-js itself would only say that this one is not. */
export function refuseOthers(door: FrontDoor): void {
  const { status: _status, ...maintenance } = maintenanceService;
  const { memberList: _memberList, ...cluster } = clusterService;
  for (const service of [maintenance, cluster, watchService, leaseService, authService]) {
    for (const method of Object.values<MethodDefinition<Unserved, Unserved>>(service)) refuse(door, method);
  }
}

function refuse(door: FrontDoor, method: MethodDefinition<Unserved, Unserved>): void {
  const failure = new Failure(status.UNIMPLEMENTED, `coterie: ${method.path} is not served; there are ${SERVED}`);
  if (!method.requestStream && !method.responseStream) {
    registerUnary(door, method, () => failure);
    return;
  }
  const end = (call: ServerDuplexStream<Unserved, Unserved>): void => {
    call.emit('error', failure);
  };
  door.server.register(method.path, end, method.responseSerialize, method.requestDeserialize, 'bidi');
}
