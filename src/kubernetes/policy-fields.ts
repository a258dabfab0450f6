/**
 * The fields of a policy/v1beta1 PodSecurityPolicy and of all it contains, by type: `name:type`, `!` marks a required field, `[]` a list, `{}` a map.
 * Made by scripts/generate-field-tables.mjs from kubernetes-models 5.1.0; don't edit.
 */
export const POLICY_FIELDS: Readonly<Record<string, string>> = {
  AllowedCSIDriver: 'name!:string',
  AllowedFlexVolume: 'driver!:string',
  AllowedHostPath: 'pathPrefix:string readOnly:bool',
  FSGroupStrategyOptions: 'ranges:[]IDRange rule:string',
  HostPortRange: 'max!:int32 min!:int32',
  IDRange: 'max!:int64 min!:int64',
  ManagedFieldsEntry:
    'apiVersion:string fieldsType:string fieldsV1:any manager:string operation:string subresource:string time:time',
  ObjectMeta:
    'annotations:{}string creationTimestamp:time deletionGracePeriodSeconds:int64 deletionTimestamp:time finalizers:[]string generateName:string generation:int64 labels:{}string managedFields:[]ManagedFieldsEntry name:string namespace:string ownerReferences:[]OwnerReference resourceVersion:string selfLink:string uid:string',
  OwnerReference:
    'apiVersion:string blockOwnerDeletion:bool controller:bool kind:string name!:string uid!:string',
  PodSecurityPolicy: 'apiVersion:string kind:string metadata:ObjectMeta spec:PodSecurityPolicySpec',
  PodSecurityPolicySpec:
    'allowPrivilegeEscalation:bool allowedCSIDrivers:[]AllowedCSIDriver allowedCapabilities:[]string allowedFlexVolumes:[]AllowedFlexVolume allowedHostPaths:[]AllowedHostPath allowedProcMountTypes:[]string allowedUnsafeSysctls:[]string defaultAddCapabilities:[]string defaultAllowPrivilegeEscalation:bool forbiddenSysctls:[]string fsGroup!:FSGroupStrategyOptions hostIPC:bool hostNetwork:bool hostPID:bool hostPorts:[]HostPortRange privileged:bool readOnlyRootFilesystem:bool requiredDropCapabilities:[]string runAsGroup:RunAsGroupStrategyOptions runAsUser!:RunAsUserStrategyOptions runtimeClass:RuntimeClassStrategyOptions seLinux!:SELinuxStrategyOptions supplementalGroups!:SupplementalGroupsStrategyOptions volumes:[]string',
  RunAsGroupStrategyOptions: 'ranges:[]IDRange rule!:string',
  RunAsUserStrategyOptions: 'ranges:[]IDRange rule!:string',
  RuntimeClassStrategyOptions: 'allowedRuntimeClassNames!:[]string defaultRuntimeClassName:string',
  SELinuxOptions: 'level:string role:string type:string user:string',
  SELinuxStrategyOptions: 'rule!:string seLinuxOptions:SELinuxOptions',
  SupplementalGroupsStrategyOptions: 'ranges:[]IDRange rule:string',
};
