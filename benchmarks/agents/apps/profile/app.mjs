import 'reflect-metadata';
import {
  Controller,
  ForbiddenException,
  Get,
  Module,
  NotFoundException,
  Param,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { settingsOf, userOf } from './users.mjs';

class MembersOnly {
  async canActivate(context) {
    const { handle } = context.switchToHttp().getRequest().params;
    if (handle === 'nobody') throw new NotFoundException('No such user');
    const user = await userOf(handle);
    if (user === undefined) throw new ForbiddenException();
    return true;
  }
}

class ProfileController {
  async profile(handle) {
    const user = await userOf(handle);
    return { user, settings: await settingsOf(handle) };
  }

  async film() {
    // The film of the year is cut on demand.
    const film = await fetch(`${process.env.PARTNER_URL}/film?ms=550`);
    return film.json();
  }
}

Controller()(ProfileController);
const { prototype } = ProfileController;
const own = (name) => Object.getOwnPropertyDescriptor(prototype, name);
Get('profiles/:handle')(prototype, 'profile', own('profile'));
UseGuards(new MembersOnly())(prototype, 'profile', own('profile'));
Param('handle')(prototype, 'profile', 0);
Get('film')(prototype, 'film', own('film'));

class AppModule {}
Module({ controllers: [ProfileController] })(AppModule);

const app = await NestFactory.create(AppModule);
await app.listen(Number(process.env.PORT));
