import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { NoQuery, problemResponses } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import { answerPage } from './answer-page.ts';
import type { ActivitiesDependencies } from './dependencies.ts';
import { homeActivities } from './home.ts';
import { IdempotencyHeaders } from './idempotency.ts';
import { pageRequest } from './paging.ts';
import { postActivity, postReply } from './post-activity.ts';
import {
  ActivityPage,
  HandleParams,
  NewActivity,
  NotificationsQuery,
  OneActivity,
  PageQuery,
  SearchQuery,
  UuidParams,
} from './schemas.ts';
import { showActivity } from './show-activity.ts';

/** The routes below /activities. */
export function activitiesRoutes(instance: FastifyInstance, dependencies: ActivitiesDependencies): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { activities, now } = dependencies;
  const tags = ['activities'];
  const page = { 200: ActivityPage };

  app.get(
    '/activities/home',
    {
      schema: {
        tags,
        summary: 'The newest activities with their replies',
        querystring: PageQuery,
        response: { ...page, ...problemResponses(504) },
      },
    },
    (request, reply) => homeActivities(dependencies, request, reply),
  );

  app.get(
    '/activities/notifications',
    {
      schema: {
        tags,
        summary: 'Activities that mention a user or reply to them',
        querystring: NotificationsQuery,
        response: { ...page, ...problemResponses(404, 504) },
      },
    },
    (request, reply) => {
      const { handle } = request.query;
      const load = () => activities.notifications(pageRequest(request, now()), handle);
      return answerPage(dependencies, request, reply, load, { in: 'query', handle });
    },
  );

  app.get(
    '/activities/search',
    {
      schema: {
        tags,
        summary: 'Activities whose message contains a term',
        querystring: SearchQuery,
        response: { ...page, ...problemResponses(504) },
      },
    },
    (request, reply) =>
      answerPage(dependencies, request, reply, () =>
        activities.search(pageRequest(request, now()), request.query.term),
      ),
  );

  app.get(
    '/activities/@:handle',
    {
      schema: {
        tags,
        summary: 'Activities of one user',
        params: HandleParams,
        querystring: PageQuery,
        response: { ...page, ...problemResponses(404, 504) },
      },
    },
    (request, reply) => {
      const { handle } = request.params;
      const load = () => activities.byHandle(pageRequest(request, now()), handle);
      return answerPage(dependencies, request, reply, load, { in: 'path', handle });
    },
  );

  app.get(
    '/activities/:uuid',
    {
      schema: {
        tags,
        summary: 'One activity with its replies',
        params: UuidParams,
        querystring: NoQuery,
        response: { 200: OneActivity, ...problemResponses(404, 504) },
      },
    },
    (request) => showActivity(dependencies, request, request.params.uuid),
  );

  app.post(
    '/activities',
    {
      schema: {
        tags,
        summary: 'Post an activity',
        querystring: NoQuery,
        headers: IdempotencyHeaders,
        body: NewActivity,
        response: { 201: OneActivity, ...problemResponses(413, 415, 422, 504) },
      },
    },
    (request, reply) => postActivity(dependencies, request, reply, request.body),
  );

  app.post(
    '/activities/:uuid/reply',
    {
      schema: {
        tags,
        summary: 'Reply to an activity',
        params: UuidParams,
        querystring: NoQuery,
        headers: IdempotencyHeaders,
        body: NewActivity,
        response: { 201: OneActivity, ...problemResponses(404, 413, 415, 422, 504) },
      },
    },
    (request, reply) => postReply(dependencies, request, reply, request.body, request.params.uuid),
  );
}
