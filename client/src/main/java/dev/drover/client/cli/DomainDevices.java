package dev.drover.client.cli;

import dev.drover.client.cli.XmlElement.Fault;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.DiskDiscard;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.NetworkInterface;
import dev.drover.v1.PortForward;
import dev.drover.v1.SerialConsole;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** The devices of a {@link DomainDocument}. */
final class DomainDevices {
  private static final String AGENT = "org.qemu.guest_agent.0";
  private static final Set<String> RANDOM_DEVICES = Set.of("/dev/urandom", "/dev/random");

  /** What libvirt tells of a device while it runs and takes no notice of when it is told. */
  private static final Set<String> REPORTED = Set.of("alias", "backingStore");

  private final DomainSpec.Builder spec;
  private final LeftOut leftOut;
  private final TreeMap<Integer, String> bootOrder = new TreeMap<>();
  private final List<XmlElement> consoles = new ArrayList<>();

  DomainDevices(DomainSpec.Builder spec, LeftOut leftOut) {
    this.spec = spec;
    this.leftOut = leftOut;
  }

  void read(XmlElement devices) throws Fault {
    devices.noText();
    boolean balloonNamed = false;
    for (XmlElement device : devices.children()) {
      switch (device.name()) {
        case "disk" -> disk(devices, device);
        case "interface" -> networkInterface(devices, device);
        case "serial" -> serial(devices, device);
        case "console" -> consoles.add(device);
        case "channel" -> channel(devices, device);
        case "rng" -> random(devices, device);
        case "memballoon" -> {
          balloonNamed = true;
          balloon(device);
        }
        case "input" -> {
          if (!device.attributes().getOrDefault("bus", "ps2").equals("ps2")) {
            leftOut.element(devices, device);
          }
        }
        default -> leftOut.element(devices, device);
      }
    }
    // libvirt puts one into every domain that does not say otherwise.
    if (!balloonNamed) {
      spec.getBalloonBuilder();
    }
    for (XmlElement console : consoles) {
      console(devices, console);
    }
    if (!bootOrder.isEmpty() && !spec.getBoot().hasDirectKernel()) {
      spec.getBootBuilder().getFirmwareBuilder().addAllBootOrder(bootOrder.values());
    }
  }

  private void disk(XmlElement devices, XmlElement disk) throws Fault {
    if (!disk.attributes().getOrDefault("device", "disk").equals("disk")) {
      leftOut.element(devices, disk);
      return;
    }
    String type = disk.attributes().getOrDefault("type", "file");
    String attribute =
        switch (type) {
          case "file" -> "file";
          case "block" -> "dev";
          default ->
              throw new Fault(
                  disk.line(),
                  "<disk type='%s'> is not supported, only file and block".formatted(type));
        };
    leftOut.attributes(disk, Set.of("type", "device"));
    Disk.Builder read = Disk.newBuilder();
    Image.Builder image = Image.newBuilder().setFormat(ImageFormat.IMAGE_FORMAT_RAW);
    int place = 0;
    for (XmlElement child : disk.children()) {
      switch (child.name()) {
        case "driver" -> driver(child, read, image);
        case "source" -> {
          image.setPath(child.required(attribute));
          leftOut.attributes(child, Set.of(attribute, "index"));
          child.children().forEach(inner -> leftOut.element(child, inner));
        }
        case "target" -> {
          read.setTarget(child.required("dev"));
          leftOut.otherThan(child, "bus", "virtio");
          leftOut.attributes(child, Set.of("dev", "bus"));
        }
        case "readonly" -> read.setReadOnly(true);
        case "serial" -> read.setSerial(child.text().strip());
        case "boot" -> place = order(child);
        default -> other(disk, child);
      }
    }
    if (read.getTarget().isEmpty()) {
      throw new Fault(disk.line(), "<disk> needs <target>");
    }
    if (!image.getPath().isEmpty()) {
      read.setSource(image);
    }
    if (place > 0) {
      bootOrder.put(place, read.getTarget());
    }
    spec.addDisks(read);
  }

  private int order(XmlElement boot) throws Fault {
    String order = boot.required("order");
    int place = boot.number(order);
    if (bootOrder.containsKey(place)) {
      throw new Fault(boot.line(), "<boot order='%s'> is given twice".formatted(order));
    }
    return place;
  }

  private void driver(XmlElement driver, Disk.Builder disk, Image.Builder image) throws Fault {
    leftOut.otherThan(driver, "name", "qemu");
    leftOut.attributes(driver, Set.of("name", "type", "cache", "discard"));
    if (driver.attributes().containsKey("type")) {
      image.setFormat(ImageFormats.of(driver, "type"));
    }
    switch (driver.attributes().getOrDefault("cache", "default")) {
      case "default" -> {}
      case "none" -> disk.setCache(DiskCache.DISK_CACHE_NONE);
      case "writeback" -> disk.setCache(DiskCache.DISK_CACHE_WRITEBACK);
      default -> leftOut.attribute(driver, "cache");
    }
    switch (driver.attributes().getOrDefault("discard", "")) {
      case "" -> {}
      case "unmap" -> disk.setDiscard(DiskDiscard.DISK_DISCARD_UNMAP);
      case "ignore" -> disk.setDiscard(DiskDiscard.DISK_DISCARD_IGNORE);
      default -> leftOut.attribute(driver, "discard");
    }
  }

  private void networkInterface(XmlElement devices, XmlElement element) throws Fault {
    if (!element.required("type").equals("user")) {
      leftOut.element(devices, element);
      return;
    }
    leftOut.attributes(element, Set.of("type"));
    NetworkInterface.Builder network = NetworkInterface.newBuilder();
    network.getUserBuilder();
    for (XmlElement child : element.children()) {
      switch (child.name()) {
        case "mac" -> network.setMacAddress(child.required("address"));
        case "model" -> leftOut.otherThan(child, "type", "virtio");
        case "portForward" -> forwards(child, network);
        default -> other(element, child);
      }
    }
    spec.addNetworkInterfaces(network);
  }

  private void forwards(XmlElement forward, NetworkInterface.Builder network) throws Fault {
    leftOut.attributes(forward, Set.of("proto", "address"));
    if (!forward.required("proto").equals("tcp")) {
      leftOut.attribute(forward, "proto");
      return;
    }
    if (!forward.required("address").equals("127.0.0.1")) {
      throw new Fault(
          forward.line(),
          "<portForward address='%s'> is not supported, only 127.0.0.1"
              .formatted(forward.attributes().get("address")));
    }
    for (XmlElement range : forward.children()) {
      if (!range.name().equals("range")) {
        leftOut.element(forward, range);
        continue;
      }
      leftOut.attributes(range, Set.of("start", "to"));
      int host = range.number(range.required("start"));
      network
          .getUserBuilder()
          .addPortForwards(
              PortForward.newBuilder()
                  .setHostPort(host)
                  .setGuestPort(
                      range.number(range.attributes().getOrDefault("to", Integer.toString(host)))));
    }
  }

  /** A pty of libvirt's becomes a console whose output the daemon keeps. */
  private void serial(XmlElement devices, XmlElement serial) throws Fault {
    String type = serial.attributes().getOrDefault("type", "pty");
    if (!Set.of("pty", "file").contains(type)) {
      leftOut.element(devices, serial);
      return;
    }
    SerialConsole.Builder console = SerialConsole.newBuilder();
    for (XmlElement child : serial.children()) {
      switch (child.name()) {
        case "source" -> {
          if (type.equals("file")) {
            console.setLogPath(child.required("path"));
          }
        }
        case "log" -> console.setLogPath(child.required("file"));
        case "target" -> leftOut.otherThan(child, "type", "isa-serial");
        default -> other(serial, child);
      }
    }
    spec.addSerialConsoles(console);
  }

  /** The first console is the first serial port, as libvirt has it too; it is written twice. */
  private void console(XmlElement devices, XmlElement console) throws Fault {
    boolean onSerial =
        console.children().stream()
            .filter(child -> child.name().equals("target"))
            .allMatch(
                target -> target.attributes().getOrDefault("type", "serial").equals("serial"));
    if (!onSerial) {
      leftOut.element(devices, console);
    } else if (spec.getSerialConsolesCount() == 0) {
      serial(
          devices,
          new XmlElement(
              console.name(),
              console.attributes(),
              console.text(),
              console.children().stream().filter(child -> !child.name().equals("target")).toList(),
              console.line()));
    }
  }

  private void channel(XmlElement devices, XmlElement channel) {
    boolean agent =
        channel.attributes().getOrDefault("type", "").equals("unix")
            && channel.children().stream()
                .anyMatch(
                    child ->
                        child.name().equals("target")
                            && child.attributes().getOrDefault("name", "").equals(AGENT));
    if (agent) {
      spec.getGuestAgentBuilder();
    } else {
      leftOut.element(devices, channel);
    }
  }

  private void random(XmlElement devices, XmlElement random) throws Fault {
    boolean host =
        random.children().stream()
            .filter(child -> child.name().equals("backend"))
            .allMatch(
                backend ->
                    backend.attributes().getOrDefault("model", "").equals("random")
                        && RANDOM_DEVICES.contains(backend.text().strip()));
    if (!host) {
      leftOut.element(devices, random);
      return;
    }
    leftOut.otherThan(random, "model", "virtio");
    spec.getRandomSourceBuilder();
    for (XmlElement child : random.children()) {
      switch (child.name()) {
        case "backend" -> {}
        case "rate" -> spec.getRandomSourceBuilder().setBytesPerSecond(rate(child));
        default -> other(random, child);
      }
    }
  }

  private static long rate(XmlElement rate) throws Fault {
    int period =
        rate.number(
            rate.attributes()
                .getOrDefault("period", Integer.toString(DomainXml.RATE_PERIOD_MILLIS)));
    try {
      return new BigInteger(rate.required("bytes"))
          .multiply(BigInteger.valueOf(DomainXml.RATE_PERIOD_MILLIS))
          .divide(BigInteger.valueOf(Math.max(1, period)))
          .longValueExact();
    } catch (ArithmeticException | NumberFormatException _) {
      throw new Fault(
          rate.line(), "<rate bytes='%s'> is no rate".formatted(rate.attributes().get("bytes")));
    }
  }

  private void balloon(XmlElement balloon) throws Fault {
    switch (balloon.required("model")) {
      case "none" -> {}
      case "virtio", "virtio-transitional", "virtio-non-transitional" -> {
        leftOut.otherThan(balloon, "model", "virtio");
        leftOut.attributes(balloon, Set.of("model"));
        balloon.children().forEach(child -> other(balloon, child));
        spec.getBalloonBuilder();
      }
      default -> leftOut.attribute(balloon, "model");
    }
  }

  private void other(XmlElement parent, XmlElement child) {
    if (!REPORTED.contains(child.name())) {
      leftOut.element(parent, child);
    }
  }
}
