package dev.drover.client.cli;

import dev.drover.client.cli.XmlElement.Fault;
import dev.drover.v1.Image;
import java.util.Set;

/** Where a copy goes to, as libvirt's {@code <disk>}. */
final class CopyDestination {
  private static final String ROOT = "disk";

  private CopyDestination() {}

  /**
   * Reads a file's content; a format that is not named stays open.
   *
   * @param file its name, for messages
   * @throws CommandFailure naming the line and what is wrong there
   */
  static Image parse(String file, byte[] content) {
    try {
      return image(XmlElement.parse(content));
    } catch (Fault e) {
      throw new CommandFailure("File '%s': %s".formatted(file, e.getMessage()));
    }
  }

  private static Image image(XmlElement root) throws Fault {
    if (!root.name().equals(ROOT)) {
      throw new Fault(root.line(), "expected <%s>, got <%s>".formatted(ROOT, root.name()));
    }
    root.noText();
    root.once();
    root.onlyAttributes(Set.of("type"));
    String attribute =
        switch (root.attributes().getOrDefault("type", "file")) {
          case "file" -> "file";
          case "block" -> "dev";
          default ->
              throw new Fault(
                  root.line(),
                  "<disk type='%s'> is not supported, only file and block"
                      .formatted(root.attributes().get("type")));
        };
    Image.Builder image = Image.newBuilder();
    for (XmlElement child : root.children()) {
      if (!child.children().isEmpty()) {
        throw child.unsupported(child.children().getFirst());
      }
      switch (child.name()) {
        case "source" -> {
          child.onlyAttributes(Set.of(attribute));
          image.setPath(DiskSpecs.path(child.required(attribute)));
        }
        case "driver" -> {
          child.onlyAttributes(Set.of("name", "type"));
          image.setFormat(ImageFormats.of(child, "type"));
        }
        default -> throw root.unsupported(child);
      }
    }
    if (image.getPath().isEmpty()) {
      throw new Fault(root.line(), "<disk> needs <source %s='...'>".formatted(attribute));
    }
    return image.build();
  }

  /** The document, without a line break at its end. */
  static String write(Image image) {
    boolean device = image.getPath().startsWith("/dev/");
    return """
    <disk type='%s'>
      <source %s='%s'/>
      <driver type='%s'/>
    </disk>\
    """
        .formatted(
            device ? "block" : "file",
            device ? "dev" : "file",
            XmlText.attribute(image.getPath()),
            Texts.format(image.getFormat()));
  }
}
