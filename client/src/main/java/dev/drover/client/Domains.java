package dev.drover.client;

import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.CreateDomainResponse;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainFilter;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.ListDomainsResponse;
import java.util.List;
import java.util.regex.Pattern;

/** The domains of a connection: defined, created, listed and found. */
public final class Domains {
  private static final int PAGE = 500;
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern ID_FORM = Pattern.compile("[1-9][0-9]{0,8}");

  private final Connection connection;

  Domains(Connection connection) {
    this.connection = connection;
  }

  /** All domains, in the order of their names. */
  public List<Domain> list() {
    return list(ListDomainsRequest.newBuilder());
  }

  /** The domains a filter chooses, in the order of their names. */
  public List<Domain> list(DomainFilter filter) {
    return list(ListDomainsRequest.newBuilder().setFilter(filter));
  }

  private List<Domain> list(ListDomainsRequest.Builder request) {
    return Pages.all(
        token ->
            connection.read(
                DomainServiceGrpc.getListDomainsMethod(),
                request.setPageSize(PAGE).setPageToken(token).build(),
                connection.settings().deadline()),
        ListDomainsResponse::getDomainsList,
        ListDomainsResponse::getNextPageToken);
  }

  /** Defines a domain, or replaces the stored spec of the one with the same uuid. */
  public Domain define(DomainSpec spec) {
    return define(DefineDomainRequest.newBuilder().setSpec(spec).build());
  }

  /**
   * Defines a domain as the request says, for example only if its etag still holds, or only to
   * check the spec.
   */
  public Domain define(DefineDomainRequest request) {
    return connection
        .call(DomainServiceGrpc.getDefineDomainMethod(), request, connection.settings().deadline())
        .getDomain();
  }

  /** Starts a transient domain, running or with its processors held. */
  public DomainHandle create(DomainSpec spec, boolean paused) {
    CreateDomainResponse response =
        connection.call(
            DomainServiceGrpc.getCreateDomainMethod(),
            CreateDomainRequest.newBuilder().setSpec(spec).setPaused(paused).build(),
            connection.settings().deadline());
    return new DomainHandle(
        connection,
        DomainRef.newBuilder().setUuid(response.getDomain().getSpec().getUuid()).build());
  }

  /** One domain by name; nothing is asked of the daemon yet. */
  public DomainHandle get(String name) {
    return named(name);
  }

  /**
   * Finds a domain by what a person calls it: a number is an id and then a name, the form of a UUID
   * is a UUID and then a name, anything else is a name.
   *
   * @throws DroverException DOMAIN_NOT_FOUND; for a plain name only when the handle is used
   */
  public DomainHandle find(String words) {
    DomainRef.Builder ref = DomainRef.newBuilder();
    if (ID_FORM.matcher(words).matches()) {
      ref.setId(Integer.parseInt(words));
    } else if (UUID_FORM.matcher(words).matches()) {
      ref.setUuid(words);
    } else {
      return named(words);
    }
    try {
      Domain domain =
          connection
              .read(
                  DomainServiceGrpc.getGetDomainMethod(),
                  GetDomainRequest.newBuilder().setDomain(ref).build(),
                  connection.settings().deadline())
              .getDomain();
      return new DomainHandle(
          connection, DomainRef.newBuilder().setUuid(domain.getSpec().getUuid()).build());
    } catch (DroverException e) {
      if (e.reason() != ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND) {
        throw e;
      }
      return named(words);
    }
  }

  private DomainHandle named(String name) {
    return new DomainHandle(connection, DomainRef.newBuilder().setName(name).build());
  }
}
