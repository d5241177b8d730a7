package dev.drover.client.cli;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * What an XPath expression chooses of a document of ours. As libxml2 has it, which virsh uses,
 * attributes are written as {@code name="value"} and texts as they are.
 *
 * @param nodes each as text, in document order
 */
record XmlSelection(List<String> nodes) {
  /** Copies the nodes. */
  XmlSelection {
    nodes = List.copyOf(nodes);
  }

  /**
   * Evaluates an expression.
   *
   * @throws CommandFailure where it is no expression, or chooses no nodes but a value
   */
  static XmlSelection of(String document, String expression) {
    try {
      NodeList chosen =
          (NodeList)
              XPathFactory.newDefaultInstance()
                  .newXPath()
                  .evaluate(expression, parsed(document), XPathConstants.NODESET);
      List<String> nodes = new ArrayList<>();
      for (int i = 0; i < chosen.getLength(); i++) {
        nodes.add(text(chosen.item(i)));
      }
      return new XmlSelection(nodes);
    } catch (XPathExpressionException e) {
      throw new CommandFailure(
          "'%s' is no XPath expression for nodes: %s"
              .formatted(
                  expression, e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
    }
  }

  /** A node after the other. */
  String lines() {
    return String.join("\n", nodes);
  }

  /** All of them as one document. */
  String wrapped() {
    return nodes.stream()
        .map(node -> "  " + node)
        .collect(Collectors.joining("\n", "<nodes>\n", "\n</nodes>"));
  }

  private static Document parsed(String document) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return factory.newDocumentBuilder().parse(new InputSource(new StringReader(document)));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new IllegalStateException("what is written here is XML", e);
    }
  }

  private static String text(Node node) {
    return switch (node.getNodeType()) {
      case Node.ATTRIBUTE_NODE ->
          "%s=\"%s\"".formatted(node.getNodeName(), XmlText.attribute(node.getNodeValue()));
      case Node.TEXT_NODE -> XmlText.escape(node.getNodeValue());
      default -> serialized(node);
    };
  }

  private static String serialized(Node node) {
    StringWriter text = new StringWriter();
    try {
      Transformer transformer = TransformerFactory.newDefaultInstance().newTransformer();
      transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
      transformer.transform(new DOMSource(node), new StreamResult(text));
    } catch (TransformerException e) {
      throw new IllegalStateException("a node that was read can be written", e);
    }
    return text.toString();
  }
}
