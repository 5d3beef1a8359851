package io.narthex.discovery.kubernetes;

/** Objects as the API sends them; shapes: Kubernetes API reference v1.31. */
final class KubeTexts {

  private KubeTexts() {}

  /** A pod with one port. */
  static String pod(String namespace, String name, String ip) {
    return pod(namespace, name, ip, "n1", "{\"app\":\"web\"}", "");
  }

  /**
   * A pod with one port.
   *
   * @param labels an object
   * @param more members of the metadata, each with a comma behind it
   */
  static String pod(
      String namespace, String name, String ip, String node, String labels, String more) {
    return """
    {"metadata":{%s"name":"%s","namespace":"%s","uid":"u-%s","labels":%s},
     "spec":{"nodeName":"%s","containers":[{"name":"c","image":"i:1",
       "ports":[{"name":"http","containerPort":80,"protocol":"TCP"}]}]},
     "status":{"phase":"Running","podIP":"%s","hostIP":"10.0.0.1"}}
    """
        .formatted(more, name, namespace, name, labels, node, ip);
  }

  static String named(String name, String labels) {
    return "{\"metadata\":{\"name\":\"%s\",\"labels\":%s,\"annotations\":{\"a/b\":\"c\"}}}"
        .formatted(name, labels);
  }

  static String owned(String namespace, String name, String ownerKind, String owner) {
    return """
    {"metadata":{"name":"%s","namespace":"%s","ownerReferences":[
      {"kind":"Other","name":"x","controller":false},
      {"kind":"%s","name":"%s","controller":true}]}}
    """
        .formatted(name, namespace, ownerKind, owner);
  }

  /** A small shop: every kind of object, each label there is somewhere. */
  static void shop(KubeStub stub) {
    stub.put(
        "nodes",
        """
        {"metadata":{"name":"n1","labels":{"zone/a":"z1","empty":""},"annotations":{"no-te":"x"}},
         "spec":{"providerID":"aws:///i-1"},
         "status":{"addresses":[
             {"type":"Hostname","address":"n1.local"},{"type":"ExternalIP","address":"1.2.3.4"},
             {"type":"InternalIP","address":"10.0.0.1"},{"type":"InternalIP","address":"10.9.9.9"}],
           "conditions":[{"type":"Ready","status":"True"},{"type":"DiskPressure","status":"Unknown"}],
           "daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}}
        """);
    stub.put(
        "nodes",
        """
        {"metadata":{"name":"n2"},"spec":{},
         "status":{"addresses":[{"type":"Hostname","address":"n2.local"}],
           "daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}}
        """);
    stub.put(
        "namespaces",
        """
        {"metadata":{"name":"shop","labels":{"team":"a"},"annotations":{"on/call":"b"}}}
        """);
    stub.put("replicasets", owned("shop", "web-5d", "Deployment", "web"));
    stub.put("jobs", owned("shop", "backup-1", "CronJob", "backup"));
    services(stub);
    pods(stub);
    backends(stub);
  }

  private static void services(KubeStub stub) {
    stub.put(
        "services",
        """
        {"metadata":{"name":"web","namespace":"shop","labels":{"app":"web"},
           "annotations":{"prometheus.io/scrape":"true"}},
         "spec":{"type":"ClusterIP","clusterIP":"10.96.0.7","ports":[
           {"name":"http","port":80,"protocol":"TCP"},{"name":"dns","port":53,"protocol":"UDP"}]}}
        """);
    stub.put(
        "services",
        """
        {"metadata":{"name":"front","namespace":"shop"},
         "spec":{"type":"LoadBalancer","clusterIP":"10.96.0.8","loadBalancerIP":"5.6.7.8",
           "ports":[{"port":443,"protocol":"TCP"}]},
         "status":{"loadBalancer":{"ingress":[{"ip":"5.6.7.8"}]}}}
        """);
    stub.put(
        "services",
        """
        {"metadata":{"name":"far","namespace":"shop"},
         "spec":{"type":"ExternalName","externalName":"far.example","ports":[
           {"name":"x","port":1,"protocol":"TCP"}]}}
        """);
  }

  private static void pods(KubeStub stub) {
    stub.put(
        "pods",
        """
        {"metadata":{"name":"web-1","namespace":"shop","uid":"u1",
           "labels":{"app.kubernetes.io/name":"web","empty":""},"annotations":{"note":"a \\"b\\""},
           "ownerReferences":[{"kind":"Other","name":"x"},
             {"kind":"ReplicaSet","name":"web-5d","controller":true}],
           "managedFields":[{"manager":"kubelet","fieldsV1":{"f:metadata":{}}}]},
         "spec":{"nodeName":"n1",
           "containers":[
             {"name":"app","image":"app:1","ports":[
               {"name":"http","containerPort":8080,"protocol":"TCP"},
               {"name":"metrics","containerPort":9090,"protocol":"TCP"}]},
             {"name":"side","image":"side:2"}],
           "initContainers":[{"name":"proxy","image":"proxy:3","ports":[
               {"name":"admin","containerPort":15000,"protocol":"TCP"}]}]},
         "status":{"phase":"Running","podIP":"10.1.0.1","hostIP":"10.0.0.1",
           "conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}],
           "containerStatuses":[{"name":"app","containerID":"containerd://a"},
             {"name":"side","containerID":"containerd://s"}],
           "initContainerStatuses":[{"name":"proxy","containerID":"containerd://p"}]}}
        """);
    stub.put(
        "pods",
        """
        {"metadata":{"name":"backup-1-x","namespace":"shop","uid":"u2","ownerReferences":[
           {"kind":"Job","name":"backup-1","controller":true}]},
         "spec":{"nodeName":"n1","containers":[{"name":"b","image":"b:1","ports":[
           {"containerPort":81,"protocol":"TCP"}]}]},
         "status":{"phase":"Failed","podIP":"fd00::2","hostIP":"10.0.0.1",
           "conditions":[{"type":"Ready","status":"False"}]}}
        """);
    stub.put(
        "pods",
        """
        {"metadata":{"name":"new","namespace":"shop","uid":"u3"},
         "spec":{"containers":[{"name":"n","image":"n:1"}]},"status":{"phase":"Pending"}}
        """);
  }

  private static void backends(KubeStub stub) {
    stub.put(
        "endpoints",
        """
        {"metadata":{"name":"web","namespace":"shop","labels":{"l":"1"},"annotations":{"a":"2"}},
         "subsets":[{"ports":[{"name":"http","port":8080,"protocol":"TCP"}],
           "addresses":[{"ip":"10.1.0.1","nodeName":"n1","hostname":"w1",
             "targetRef":{"kind":"Pod","namespace":"shop","name":"web-1"}}],
           "notReadyAddresses":[{"ip":"10.1.0.9",
             "targetRef":{"kind":"Node","name":"n1"}},{"ip":"fd00::9"}]}]}
        """);
    stub.put(
        "endpoints",
        """
        {"metadata":{"name":"alone","namespace":"shop"},
         "subsets":[{"ports":[{"port":7,"protocol":"UDP"}],"addresses":[{"ip":"9.9.9.9"}]}]}
        """);
    stub.put(
        "endpointslices",
        """
        {"metadata":{"name":"web-abc","namespace":"shop",
           "labels":{"kubernetes.io/service-name":"web"},"annotations":{"a":"2"}},
         "addressType":"IPv4",
         "ports":[{"name":"http","port":8080,"protocol":"TCP","appProtocol":"h2c"}],
         "endpoints":[
           {"addresses":["10.1.0.1"],"hostname":"w1","nodeName":"n1","zone":"z1",
             "conditions":{"ready":true,"serving":true,"terminating":false},
             "deprecatedTopology":{"kubernetes.io/hostname":"n1"},
             "targetRef":{"kind":"Pod","namespace":"shop","name":"web-1"}},
           {"addresses":["10.1.0.9"],"conditions":{"ready":false},"nodeName":"n2",
             "targetRef":{"kind":"Node","name":"n1"}}]}
        """);
    stub.put(
        "endpointslices",
        """
        {"metadata":{"name":"any","namespace":"shop"},"addressType":"FQDN",
         "ports":[{"name":"all"}],"endpoints":[{"addresses":["h.example"],"conditions":{}}]}
        """);
    stub.put(
        "ingresses",
        """
        {"metadata":{"name":"in","namespace":"shop","labels":{"l":"1"},"annotations":{"a":"2"}},
         "spec":{"ingressClassName":"nginx",
           "tls":[{"hosts":["*.shop.example","plain.example"]}],
           "rules":[
             {"host":"www.shop.example","http":{"paths":[{"path":"/a"},{"path":""}]}},
             {"host":"a.www.shop.example","http":{"paths":[{"path":"/b"}]}},
             {"host":"plain.example"},
             {"host":"other.example","http":{"paths":[]}}]}}
        """);
  }
}
