/** One audit event, in ActionTrail's management-event shape. Secrets never occur in it: builders take plain types only. */
export interface AuditEvent {
  eventId: string;
  eventVersion: '1';
  eventCategory: 'Management';
  eventType: 'ApiCall' | 'AliyunServiceEvent' | 'ConsoleSignin' | 'ConsoleSignout';
  eventName: string;
  eventRW: 'Read' | 'Write';
  /** Start of the request, service time, `2026-03-01T08:00:00Z`. */
  eventTime: string;
  /** Host of the product's endpoint. */
  eventSource: string;
  serviceName: string;
  apiVersion?: string;
  requestId: string;
  requestParameters?: Record<string, unknown>;
  requestParameterJson?: string;
  responseElements?: Record<string, unknown>;
  referencedResources?: Record<string, string[]>;
  resourceType?: string;
  resourceName?: string;
  errorCode?: string;
  errorMessage?: string;
  acsRegion: string;
  isGlobal?: boolean;
  sourceIpAddress: string;
  userAgent: string;
  vpcId?: string;
  recipientAccountId: string;
  additionalEventData?: Record<string, unknown>;
  userIdentity: AuditIdentity;
}

export interface AuditIdentity {
  type: 'root-account' | 'ram-user' | 'assumed-role' | 'system' | 'anonymous';
  principalId: string;
  accountId: string;
  accessKeyId?: string;
  userName?: string;
  sessionContext?: { attributes: { mfaAuthenticated: 'true' | 'false'; creationDate: string } };
}
