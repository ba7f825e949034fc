import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.protocol.HdfsConstants.DatanodeReportType;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;

/** A NameNode and a DataNode on loopback in one JVM; prints READY. Arguments: folder, port. */
public class MiniHdfs {
  public static void main(String[] arguments) throws Exception {
    String folder = arguments[0];
    String address = "hdfs://127.0.0.1:" + arguments[1];
    DefaultMetricsSystem.setMiniClusterMode(true);
    Configuration settings = settings(folder, address);
    NameNode.format(settings);
    NameNode nameNode = new NameNode(settings);
    DataNode.instantiateDataNode(new String[0], settings).runDatanodeDaemon();
    try (FileSystem system = FileSystem.newInstance(settings)) {
      DistributedFileSystem hdfs = (DistributedFileSystem) system;
      while (hdfs.getDataNodeStats(DatanodeReportType.LIVE).length < 1 || nameNode.isInSafeMode()) {
        Thread.sleep(50);
      }
    }
    System.out.println("READY " + address);
    System.out.flush();
    nameNode.join();
  }

  private static Configuration settings(String folder, String address) {
    HdfsConfiguration settings = new HdfsConfiguration();
    FileSystem.setDefaultUri(settings, address);
    settings.set("hadoop.tmp.dir", folder + "/tmp");
    settings.set("dfs.namenode.name.dir", "file://" + folder + "/nn");
    settings.set("dfs.datanode.data.dir", "file://" + folder + "/dn");
    settings.set("dfs.datanode.hostname", "127.0.0.1");
    for (String name : new String[] {"namenode.http-", "datanode.", "datanode.http.", "datanode.ipc."}) {
      settings.set("dfs." + name + "address", "127.0.0.1:0");
    }
    settings.setInt("dfs.replication", 1);
    
    settings.setInt("dfs.namenode.safemode.extension", 0);
    settings.setBoolean("dfs.namenode.datanode.registration.ip-hostname-check", false);
    return settings;
  }
}
